import { describe, expect, test } from 'vitest';
import {
  cornerOf,
  FIT,
  isFit,
  pan,
  percentOf,
  scaleOf,
  toggleZoom,
  trueZoom,
  zoomTo,
  type Camera,
  type Frame,
} from './camera.ts';

const LARGE: Frame = { width: 1000, height: 800, imageWidth: 4096, imageHeight: 4096, pixelRatio: 1 };
const SHARP: Frame = { ...LARGE, pixelRatio: 2 };
const SMALL: Frame = { ...LARGE, imageWidth: 400, imageHeight: 300 };

/** The point of the image, in its pixels, that is at a point of the window. */
function imagePoint(camera: Camera, frame: Frame, at: { readonly x: number; readonly y: number }) {
  const corner = cornerOf(camera, frame);
  const scale = scaleOf(camera, frame);
  return { x: (frame.width / 2 + at.x - corner.x) / scale, y: (frame.height / 2 + at.y - corner.y) / scale };
}

test('an image that fits is whole, and in the middle', () => {
  expect(scaleOf(FIT, LARGE)).toBeCloseTo(800 / 4096);
  expect(cornerOf(FIT, LARGE)).toEqual({ x: 100, y: 0 });
});

test('100 % is one pixel of the image for each of the screen', () => {
  expect(scaleOf(zoomTo(FIT, LARGE, trueZoom(LARGE)), LARGE)).toBeCloseTo(1);
  expect(scaleOf(zoomTo(FIT, SHARP, trueZoom(SHARP)), SHARP)).toBeCloseTo(1 / 2);
  expect(percentOf(zoomTo(FIT, SHARP, trueZoom(SHARP)), SHARP)).toBe(100);
});

describe('zooming', () => {
  test('keeps what is at the pointer where it is', () => {
    const at = { x: 210, y: -130 };
    const once = zoomTo(FIT, LARGE, 3, at);
    expect(imagePoint(once, LARGE, at).x).toBeCloseTo(imagePoint(FIT, LARGE, at).x);
    expect(imagePoint(once, LARGE, at).y).toBeCloseTo(imagePoint(FIT, LARGE, at).y);
    const twice = zoomTo(once, LARGE, 5, at);
    expect(imagePoint(twice, LARGE, at).x).toBeCloseTo(imagePoint(FIT, LARGE, at).x);
  });

  test('ends at the whole image, and where one pixel is eight', () => {
    expect(zoomTo(FIT, LARGE, 0.01)).toEqual(FIT);
    expect(percentOf(zoomTo(FIT, LARGE, 10_000), LARGE)).toBe(800);
  });

  test('shows a small image in its true size too', () => {
    expect(percentOf(zoomTo(FIT, SMALL, 0.01), SMALL)).toBe(100);
  });

  test('toggles between the whole image and true pixels', () => {
    const near = toggleZoom(FIT, LARGE, { x: 100, y: 100 });
    expect(percentOf(near, LARGE)).toBe(100);
    expect(toggleZoom(near, LARGE)).toEqual(FIT);
  });

  test('still magnifies an image whose true size is that of the window', () => {
    const frame = { ...LARGE, imageWidth: 800, imageHeight: 800 };
    expect(percentOf(toggleZoom(FIT, frame), frame)).toBe(200);
  });
});

describe('dragging', () => {
  test('moves the image with the pointer', () => {
    const near = zoomTo(FIT, LARGE, 4);
    const before = cornerOf(near, LARGE);
    const after = cornerOf(pan(near, LARGE, { x: -30, y: 12 }), LARGE);
    expect(after.x - before.x).toBeCloseTo(-30);
    expect(after.y - before.y).toBeCloseTo(12);
  });

  test('stops at the edges', () => {
    const near = zoomTo(FIT, LARGE, 4);
    const corner = cornerOf(pan(near, LARGE, { x: 1e6, y: 1e6 }), LARGE);
    expect(corner.x).toBeCloseTo(0);
    expect(corner.y).toBeCloseTo(0);
  });

  test('does not move an image that fits', () => {
    expect(pan(FIT, LARGE, { x: 50, y: 50 })).toEqual(FIT);
    expect(isFit(FIT)).toBe(true);
  });
});
