import { renderHook } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { useCameraStore } from './camera-store.ts';
import { FIT, percentOf, type Frame } from './camera.ts';
import { listenToGestures } from './gestures.ts';

const FRAME: Frame = { width: 1000, height: 800, imageWidth: 4096, imageHeight: 4096, pixelRatio: 1 };

/** An element with gestures, whose middle is at the origin of its coordinates. */
function listen() {
  const element = document.createElement('div');
  element.setPointerCapture = () => undefined;
  const store = renderHook(() => useCameraStore()).result.current;
  const onSwipe = vi.fn<(step: 1 | -1) => void>();
  listenToGestures(element, { store, frame: () => FRAME, onSwipe });
  const point = (type: string, x: number, y: number, id = 1, pointerType = 'touch') =>
    element.dispatchEvent(
      new PointerEvent(type, { clientX: x, clientY: y, pointerId: id, pointerType, button: 0, cancelable: true }),
    );
  const wheel = (deltaY: number, ctrlKey = false) => {
    const event = new WheelEvent('wheel', { deltaY, ctrlKey, cancelable: true });
    // happy-dom does not know that a wheel event has a position.
    Object.assign(event, { clientX: 0, clientY: 0 });
    element.dispatchEvent(event);
    return event;
  };
  return { store, onSwipe, point, wheel };
}

test('a wheel zooms, and nothing else scrolls', () => {
  const { store, wheel } = listen();
  expect(wheel(-200).defaultPrevented).toBe(true);
  expect(store.get().zoom).toBeGreaterThan(1);
  wheel(400);
  expect(store.get()).toEqual(FIT);
});

test('a double tap shows true pixels, and the whole image again', () => {
  const { store, point } = listen();
  const tap = (): void => {
    point('pointerdown', 10, 10);
    point('pointerup', 10, 10);
  };
  tap();
  expect(store.get()).toEqual(FIT);
  tap();
  expect(percentOf(store.get(), FRAME)).toBe(100);
  tap();
  tap();
  expect(store.get()).toEqual(FIT);
});

test('two fingers zoom, and are no swipe', () => {
  const { store, onSwipe, point } = listen();
  point('pointerdown', -50, 0, 1);
  point('pointerdown', 50, 0, 2);
  point('pointermove', -150, 0, 1);
  point('pointermove', 150, 0, 2);
  expect(store.get().zoom).toBeCloseTo(3);
  point('pointerup', -150, 0, 1);
  point('pointerup', 150, 0, 2);
  expect(onSwipe).not.toHaveBeenCalled();
});

test('a swipe over a whole image leads to the next one; over a part of one it moves it', () => {
  const { store, onSwipe, point, wheel } = listen();
  const swipe = (): void => {
    point('pointerdown', 100, 0);
    point('pointermove', -100, 5);
    point('pointerup', -100, 5);
  };
  swipe();
  expect(onSwipe.mock.calls).toEqual([[1]]);
  wheel(-2000);
  const { x } = store.get();
  swipe();
  expect(store.get().x).toBeGreaterThan(x);
  expect(onSwipe).toHaveBeenCalledTimes(1);
});
