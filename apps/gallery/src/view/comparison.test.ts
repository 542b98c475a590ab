import { expect, test } from 'vitest';
import { inputImageOf, recordOf } from '../../test/support/record.ts';
import { compareParameters } from './comparison.ts';

const common = { model: 'wan2.7-image', prompt: 'A fox', n: 1, size: '2K' };

test('a parameter is different if any of its values is', () => {
  const compared = compareParameters([
    recordOf({ request: { ...common, seed: 1 } }),
    recordOf({ request: { ...common, seed: 2 } }),
    recordOf({ request: { ...common, seed: 1, watermark: true } }),
  ]);
  expect(compared).toContainEqual({ name: 'prompt', values: ['A fox', 'A fox', 'A fox'], isDifferent: false });
  expect(compared).toContainEqual({ name: 'seed', values: ['1', '2', '1'], isDifferent: true });
  expect(compared).toContainEqual({ name: 'watermark', values: [null, null, 'true'], isDifferent: true });
  expect(compared.map(({ name }) => name)).not.toContain('thinking_mode');
});

test('parameters beyond the contract come last', () => {
  const compared = compareParameters([recordOf({ request: { bbox_list: [[1]], ...common } }), recordOf()]);
  expect(compared.at(-1)).toEqual({ name: 'bbox_list', values: ['[[1]]', null], isDifferent: true });
});

test('the same file is the same input image, whatever its URL', () => {
  const one = recordOf({ input_images: [inputImageOf({ url: 'http://a.test/1' })] });
  const same = recordOf({ input_images: [inputImageOf({ url: 'http://a.test/2' })] });
  const other = recordOf({ input_images: [inputImageOf({ sha256: 'c'.repeat(64) })] });
  expect(compareParameters([one, same]).find(({ name }) => name === 'image')?.isDifferent).toBe(false);
  expect(compareParameters([one, other]).find(({ name }) => name === 'image')?.isDifferent).toBe(true);
});
