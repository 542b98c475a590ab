import { describe, expect, test } from 'vitest';
import { boundedAspect, estimatedHeight, justify, type JustifyOptions } from './justify.ts';

const OPTIONS: JustifyOptions = { width: 1200, rowHeight: 240, gap: 4 };

/** Numbers that are the same in each run. */
function* random(seed: number): Generator<number, never, void> {
  let state = seed;
  for (;;) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    yield state / 2_147_483_648;
  }
}

function aspectsOf(seed: number, count: number): readonly number[] {
  const numbers = random(seed);
  // From 1:8 to 8:1, evenly on a logarithmic scale.
  return Array.from({ length: count }, () => 8 ** (2 * numbers.next().value - 1));
}

describe.each([280, 375, 768, 1200, 1920, 3800])('at a width of %d', (width) => {
  test.each([1, 2, 3, 7, 40, 333])('%d images of any shape fill their rows', (count) => {
    for (let seed = 1; seed <= 20; seed += 1) {
      for (const isOpen of [false, true]) {
        const options = { ...OPTIONS, width, isOpen, rowHeight: width < 640 ? 140 : 240 };
        const { boxes, rows, height } = justify(aspectsOf(seed, count), options);
        expect(boxes).toHaveLength(count);
        expect(rows.map(({ start, end }) => [start, end])).toEqual(inOrder(rows));
        for (const [at, row] of rows.entries()) {
          const own = boxes.slice(row.start, row.end);
          const last = own.at(-1);
          expect(row.height).toBeLessThanOrEqual(options.rowHeight * 1.6);
          // One image as wide as the row may make it lower than any other.
          if (own.length > 1) expect(row.height).toBeGreaterThan(options.rowHeight / 4);
          expect((last?.left ?? 0) + (last?.width ?? 0)).toBeLessThanOrEqual(width);
          for (const [index, box] of own.slice(1).entries()) {
            const previous = own[index];
            expect(Math.abs(box.left - (previous?.left ?? 0) - (previous?.width ?? 0) - 4)).toBeLessThanOrEqual(1);
          }
          if (at > 0) expect(row.top).toBeCloseTo((rows[at - 1]?.top ?? 0) + (rows[at - 1]?.height ?? 0) + 4);
        }
        expect(height).toBeCloseTo((rows.at(-1)?.top ?? 0) + (rows.at(-1)?.height ?? 0));
      }
    }
  });
});

test('each full row ends at the width, to the pixel', () => {
  const { boxes, rows } = justify(aspectsOf(3, 500).map(boundedAspect), OPTIONS);
  const ends = rows.slice(0, -1).map(({ end }) => (boxes[end - 1]?.left ?? 0) + (boxes[end - 1]?.width ?? 0));
  expect(new Set(ends)).toEqual(new Set([1200]));
});

test('the last row of a day has the usual height, and is as short as it is', () => {
  const { boxes, rows } = justify([1, 1, 1, 1, 1, 1], OPTIONS);
  const last = rows.at(-1);
  expect(last?.height).toBeLessThanOrEqual(240 * 1.3);
  expect(boxes.at(-1)?.width).toBeLessThanOrEqual(240 * 1.3);
});

test('a single image is not blown up', () => {
  expect(justify([1], OPTIONS).boxes).toEqual([{ left: 0, top: 0, width: 240, height: 240 }]);
});

test('panoramas and columns are shown within bounds', () => {
  expect(boundedAspect(8)).toBe(4);
  expect(boundedAspect(1 / 8)).toBe(0.4);
  const { boxes } = justify([8, 1 / 8, 1, 8], OPTIONS);
  for (const { width, height } of boxes) {
    expect(width / height).toBeGreaterThan(0.3);
    expect(width / height).toBeLessThan(5);
  }
});

test('nothing takes no space', () => {
  expect(justify([], OPTIONS)).toEqual({ boxes: [], rows: [], height: 0 });
  expect(estimatedHeight(0, 1, OPTIONS)).toBe(0);
});

test('what is estimated comes close to what is laid out', () => {
  const aspects = aspectsOf(9, 1000).map(boundedAspect);
  const mean = aspects.reduce((sum, one) => sum + one, 0) / aspects.length;
  const { height } = justify(aspects, OPTIONS);
  expect(Math.abs(estimatedHeight(1000, mean, OPTIONS) / height - 1)).toBeLessThan(0.1);
});

test('a thousand images are laid out row by row, not all against all', () => {
  const aspects = aspectsOf(5, 20_000);
  expect(justify(aspects, OPTIONS).boxes).toHaveLength(20_000);
});

function inOrder(rows: readonly { readonly start: number; readonly end: number }[]): readonly (readonly number[])[] {
  return rows.map(({ end }, at) => [at === 0 ? 0 : (rows[at - 1]?.end ?? 0), end]);
}
