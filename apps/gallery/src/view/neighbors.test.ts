import { expect, test } from 'vitest';
import { neighborsOf, type Position } from './neighbors.ts';

function place(generation: string, index: number, time: string): Position {
  return { id: `${generation}-${index}`, generation_id: generation, index, created_at: time };
}

// As the library shows them: newest first, the images of a set in their order.
const LIBRARY = [place('c', 0, '3'), place('b', 0, '2'), place('b', 1, '2'), place('b', 2, '2'), place('a', 0, '1')];

function around(at: Position, images = LIBRARY): readonly (string | null)[] {
  const { previous, next } = neighborsOf(images, at);
  return [previous?.id ?? null, next?.id ?? null];
}

test('the next image is the one that follows in the library', () => {
  expect(LIBRARY.map((image) => around(image))).toEqual([
    [null, 'b-0'],
    ['c-0', 'b-1'],
    ['b-0', 'b-2'],
    ['b-1', 'a-0'],
    ['b-2', null],
  ]);
});

test('the order in which images were read does not matter', () => {
  expect(around(place('b', 1, '2'), LIBRARY.toReversed())).toEqual(['b-0', 'b-2']);
});

test('an image that is no longer in the list still has neighbors', () => {
  const rest = LIBRARY.filter(({ id }) => id !== 'b-1');
  expect(around(place('b', 1, '2'), rest)).toEqual(['b-0', 'b-2']);
  expect(around(place('z', 0, '2'), rest)).toEqual(['c-0', 'b-0']);
});

test('generations of the same moment stand by their ids', () => {
  const same = [place('y', 0, '1'), place('x', 0, '1')];
  expect(around(place('y', 0, '1'), same)).toEqual([null, 'x-0']);
  expect(around(place('x', 0, '1'), same)).toEqual(['y-0', null]);
});
