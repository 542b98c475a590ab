import { MODELS, SIZE_PRESETS } from '@wan-image/core';
import { expect, test } from 'vitest';
import { choiceOf, dimensionsOf, effectiveSize, isAllowedSize, shapesOf, sizeOf, tiersOf } from './sizes.ts';

const TEXT = { model: MODELS[0], hasInputs: false, isSet: false } as const;

test('every size that is offered is allowed in its mode', () => {
  for (const model of MODELS) {
    for (const hasInputs of [false, true]) {
      for (const isSet of [false, true]) {
        const mode = { model, hasInputs, isSet };
        for (const tier of tiersOf(mode)) {
          for (const shape of shapesOf(mode)) {
            const size = sizeOf({ tier, shape }, hasInputs);
            expect([size, isAllowedSize(size, mode)]).toEqual([size, true]);
            expect(choiceOf(size, hasInputs)).toEqual({ tier, shape });
          }
        }
      }
    }
  }
});

test('4K is offered to the pro model alone, for single images from text', () => {
  expect(tiersOf(TEXT)).toEqual(Object.keys(SIZE_PRESETS));
  expect(tiersOf({ ...TEXT, model: 'wan2.7-image' })).toEqual(['1K', '2K']);
  expect(tiersOf({ ...TEXT, hasInputs: true })).toEqual(['1K', '2K']);
  expect(tiersOf({ ...TEXT, isSet: true })).toEqual(['1K', '2K']);
});

test('a shape has exactly its ratio, in sides that are multiples of eight', () => {
  expect(sizeOf({ tier: '1K', shape: '16:9' }, false)).toBe('1280x720');
  expect(sizeOf({ tier: '2K', shape: '21:9' }, false)).toBe('3080x1320');
  expect(sizeOf({ tier: '4K', shape: '9:16' }, false)).toBe('3024x5376');
  expect([sizeOf({ tier: '2K', shape: '1:1' }, false), sizeOf({ tier: '2K', shape: '1:1' }, true)]).toEqual([
    '2K',
    '2048x2048',
  ]);
});

test('a size that another choice forbids is replaced by the next smaller of its shape; a custom one never', () => {
  const inputs = { ...TEXT, hasInputs: true };
  expect(effectiveSize('4K', inputs)).toBe('2K');
  expect(effectiveSize(sizeOf({ tier: '4K', shape: '16:9' }, false), inputs)).toBe('2688x1512');
  expect(effectiveSize('3000x2000', inputs)).toBe('3000x2000');
});

test('a preset has the shape of the last input image', () => {
  expect(dimensionsOf('1K', { width: 2000, height: 1000 }, true)).toEqual({ width: 1448, height: 724 });
  expect(dimensionsOf('1K', null, true)).toBeNull();
  expect(dimensionsOf('1K', null, false)).toEqual({ width: 1024, height: 1024 });
  expect(dimensionsOf('1280x720', null, true)).toEqual({ width: 1280, height: 720 });
});
