import { expect, test } from 'vitest';
import { imageOf, recordOf } from '../../test/support/record.ts';
import { isChanging, withImage } from './state.ts';

const RUNNING = recordOf({ state: 'running', outcome: null, finished_at: null, images: [imageOf()] });

test('images appear one by one, each once, in their order', () => {
  const second = imageOf({ id: `${RUNNING.id}-2`, index: 2 });
  const first = imageOf({ id: `${RUNNING.id}-1`, index: 1, state: 'pending' });
  const images = [second, first, { ...first, state: 'stored' as const }];
  const record = images.reduce(withImage, RUNNING);
  expect(record.images.map(({ index, state }) => [index, state])).toEqual([
    [0, 'stored'],
    [1, 'stored'],
    [2, 'stored'],
  ]);
  expect(withImage(record, { ...first, state: 'lost' }).images[1]?.state).toBe('lost');
});

test('what has ended still changes while an image is being stored', () => {
  expect([RUNNING, recordOf()].map(isChanging)).toEqual([true, false]);
  expect(isChanging(recordOf({ images: [imageOf({ state: 'pending' })] }))).toBe(true);
});
