import { isFit, pan, trueZoom, zoomTo, type Point } from './camera.ts';
import type { CameraStore } from './camera-store.ts';

const ZOOM_STEP = 1.5;
const PAN_PX = 80;

/** Buttons and keys zoom in the middle of the window. */
function zoomBy(store: CameraStore, factor: number): void {
  const frame = store.frame();
  if (frame !== null) store.set(zoomTo(store.get(), frame, store.get().zoom * factor));
}

/** One pixel of the image for each of the screen. */
export function zoomToPixels(store: CameraStore): void {
  const frame = store.frame();
  if (frame !== null) store.set(zoomTo(store.get(), frame, trueZoom(frame)));
}

/** By the arrow keys. Returns whether there was anything to move: an image that fits stays where it is. */
export function panBy(store: CameraStore, by: Point): boolean {
  const frame = store.frame();
  if (frame === null || isFit(store.get())) return false;
  store.set(pan(store.get(), frame, { x: by.x * PAN_PX, y: by.y * PAN_PX }));
  return true;
}

export function zoomIn(store: CameraStore): void {
  zoomBy(store, ZOOM_STEP);
}

export function zoomOut(store: CameraStore): void {
  zoomBy(store, 1 / ZOOM_STEP);
}
