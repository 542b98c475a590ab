import type { ImageListItem } from '@wan-image/core';
import type { GridStore } from './grid-store.ts';
import { neighbor } from './navigate.ts';

/** The keyboard goes on to the next image that stays, or to the one before. */
export function moveOn(store: GridStore, images: readonly ImageListItem[]): void {
  const gone = new Set(images.map(({ id }) => id));
  const from = store.spotOf(store.active());
  if (from === null || !from.placed.cell.images.every(({ id }) => gone.has(id))) return;
  for (const direction of ['right', 'left'] as const) {
    for (let spot = neighbor(store, from, direction); spot !== null; spot = neighbor(store, spot, direction)) {
      const { image } = spot.placed.cell;
      if (gone.has(image.id)) continue;
      store.moveFocus(image.id);
      return;
    }
  }
}
