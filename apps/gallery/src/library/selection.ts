import type { ImageListItem } from '@wan-image/core';
import { useSyncExternalStore } from 'react';
import { onFavorites } from '../changes/cached-images.ts';

/** The selected images, in the order in which they were selected. Another map after each change. */
type Selected = ReadonlyMap<string, ImageListItem>;

const listeners = new Set<() => void>();
let selected: Selected = new Map();
let anchor: string | null = null;

/** The selection of the library. It ends when another list is shown. */
export const selection = {
  get: (): Selected => selected,
  /** Where a range begins: the image that was selected last. */
  anchor: (): string | null => anchor,
  has: (images: readonly ImageListItem[]): boolean => images.every(({ id }) => selected.has(id)),
  /** Selects images, or no longer. */
  set(images: readonly ImageListItem[], isSelected: boolean): void {
    const next = new Map(selected);
    for (const image of images) {
      if (isSelected) next.set(image.id, image);
      else next.delete(image.id);
    }
    replace(next);
    anchor = images.at(-1)?.id ?? anchor;
  },
  toggle(images: readonly ImageListItem[]): void {
    selection.set(images, !selection.has(images));
  },
  /** Replaces the selection, as a rectangle does that is being dragged. */
  replace(images: Iterable<ImageListItem>): void {
    replace(new Map([...images].map((image) => [image.id, image])));
  },
  /** Marks the selected ones of these images, whose copies it has, as favorites, or no longer. */
  mark(ids: ReadonlySet<string>, favorite: boolean): void {
    const changed = [...selected.values()].filter((image) => ids.has(image.id) && image.favorite !== favorite);
    if (changed.length === 0) return;
    const next = new Map(selected);
    for (const image of changed) next.set(image.id, { ...image, favorite });
    replace(next);
  },
  clear(): void {
    anchor = null;
    if (selected.size > 0) replace(new Map());
  },
};

onFavorites((ids, favorite) => selection.mark(ids, favorite));

/** What a key or a button does that marks images: those that are not marked yet, or else all of them no longer. */
export function markingOf(images: readonly ImageListItem[]): {
  readonly ids: readonly string[];
  readonly favorite: boolean;
} {
  const favorite = !images.every((image) => image.favorite);
  // Only what changes: a failure takes back no mark that was there before.
  return { ids: images.filter((image) => image.favorite !== favorite).map(({ id }) => id), favorite };
}

/** All selected images. */
export function useSelection(): Selected {
  return useSyncExternalStore(subscribe, selection.get);
}

/** Whether all of these images are selected. */
export function useIsSelected(images: readonly ImageListItem[]): boolean {
  return useSyncExternalStore(subscribe, () => selection.has(images));
}

/** Whether anything is selected: then a tap selects, too. */
export function useIsSelecting(): boolean {
  return useSyncExternalStore(subscribe, () => selected.size > 0);
}

function replace(next: Selected): void {
  selected = next;
  listeners.forEach((listener) => listener());
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
