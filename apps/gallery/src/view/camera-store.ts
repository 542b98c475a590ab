import { useState, useSyncExternalStore } from 'react';
import { FIT, isFit, percentOf, type Camera, type Frame } from './camera.ts';

/**
 * A camera that changes with each move of a pointer. Images are moved without React, which would be too slow for it; several images that
 * are compared share one.
 */
export interface CameraStore {
  readonly get: () => Camera;
  readonly set: (camera: Camera) => void;
  /** Says which image it is about: another one is seen as a whole first. */
  readonly show: (imageId: string) => void;
  readonly subscribe: (onChange: () => void) => () => void;
  /** The window of an image, which the keyboard and buttons zoom in. Null while there is none. */
  readonly frame: () => Frame | null;
  readonly setFrame: (frame: Frame) => void;
}

/** A camera of this component. */
export function useCameraStore(): CameraStore {
  const [store] = useState(createCameraStore);
  return store;
}

/** How large the image is shown. The component renders again when a number changes that people see, and not with each move. */
export function useZoom(store: CameraStore): { readonly percent: number | null; readonly isWhole: boolean } {
  const percent = useSyncExternalStore(store.subscribe, () => {
    const frame = store.frame();
    return frame === null ? null : percentOf(store.get(), frame);
  });
  const isWhole = useSyncExternalStore(store.subscribe, () => isFit(store.get()));
  return { percent, isWhole };
}

function createCameraStore(): CameraStore {
  const listeners = new Set<() => void>();
  let camera = FIT;
  let frame: Frame | null = null;
  let shown: string | null = null;
  const set = (next: Camera): void => {
    if (next.zoom === camera.zoom && next.x === camera.x && next.y === camera.y) return;
    camera = next;
    listeners.forEach((listener) => listener());
  };
  return {
    set,
    show(imageId) {
      if (shown !== null && shown !== imageId) set(FIT);
      shown = imageId;
    },
    frame: () => frame,
    setFrame(next) {
      if (isSame(frame, next)) return;
      frame = next;
      listeners.forEach((listener) => listener());
    },
    get: () => camera,
    subscribe(onChange) {
      listeners.add(onChange);
      return () => listeners.delete(onChange);
    },
  };
}

function isSame(one: Frame | null, other: Frame): boolean {
  return (
    one !== null &&
    one.width === other.width &&
    one.height === other.height &&
    one.imageWidth === other.imageWidth &&
    one.imageHeight === other.imageHeight &&
    one.pixelRatio === other.pixelRatio
  );
}
