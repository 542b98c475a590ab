import type { ImageListItem } from '@wan-image/core';
import { useState } from 'react';
import { targetOf, useDelete } from '../changes/changes.ts';
import type { GridStore } from './grid-store.ts';
import type { LibrarySearch } from '../filter/library-search.ts';
import { selection } from './selection.ts';

export interface Removal {
  /** Puts images into the bin, without asking: it can be undone. In the bin it asks whether to delete them for good. */
  readonly remove: (images: readonly ImageListItem[]) => void;
  /** What it asks about; null if it does not ask. */
  readonly asked: readonly ImageListItem[] | null;
  readonly onEnd: () => void;
}

export function useRemoval(store: GridStore, search: LibrarySearch): Removal {
  const deletion = useDelete();
  const [asked, setAsked] = useState<readonly ImageListItem[] | null>(null);
  const bin = async (images: readonly ImageListItem[]): Promise<void> => {
    await moveOn(store, images);
    selection.clear();
    deletion.mutate(targetOf(images));
  };
  return {
    asked,
    onEnd: () => setAsked(null),
    remove(images) {
      if (images.length === 0) return;
      if (search.deleted === true) {
        setAsked(images);
        return;
      }
      void bin(images);
    },
  };
}

/** The keyboard goes on to another image. Where the file for that cannot be loaded, the images are deleted all the same. */
async function moveOn(store: GridStore, images: readonly ImageListItem[]): Promise<void> {
  try {
    const file = await import('./move-on.ts');
    file.moveOn(store, images);
  } catch {
    // The keyboard is nowhere then, and begins with the first image that is seen.
  }
}
