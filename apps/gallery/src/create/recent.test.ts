import { expect, test } from 'vitest';
import { imageOf, recordOf } from '../../test/support/record.ts';
import { newer } from './recent.ts';

const running = recordOf({ state: 'running', outcome: null, images: [] });
const pending = imageOf({ state: 'pending' });

test('a list that is older than an event does not undo it', () => {
  const ended = recordOf();
  expect(newer(ended, running)).toBe(ended);
  expect(newer(running, ended)).toBe(ended);
  expect(newer(undefined, running)).toBe(running);
  const storing = recordOf({ images: [pending] });
  expect(newer(ended, storing)).toBe(ended);
  expect(newer(storing, ended)).toBe(ended);
});

test('what is deleted elsewhere is seen', () => {
  const deleted = recordOf({ images: [imageOf({ state: 'deleted', url: null })] });
  expect(newer(recordOf(), deleted)).toBe(deleted);
});
