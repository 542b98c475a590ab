import type { ImageListItem } from '@wan-image/core';

/** What takes one place in the grid: an image, or the images of one generation as a stack. */
export interface Cell {
  /** The image that is shown; of a stack its cover. */
  readonly image: ImageListItem;
  /** All images that the place stands for. */
  readonly images: readonly ImageListItem[];
  /** `member`: an image of an opened stack. */
  readonly kind: 'single' | 'stack' | 'member';
  /** Of an opened stack: whether it is its first image, which has the button that closes it. */
  readonly isFirst: boolean;
}

/** Puts images of the same generation, which follow each other, into one stack, unless it is opened. */
export function cellsOf(images: readonly ImageListItem[], opened: ReadonlySet<string>): readonly Cell[] {
  const cells: Cell[] = [];
  for (let start = 0; start < images.length;) {
    const first = images[start];
    if (first === undefined) break;
    let end = start + 1;
    while (images[end]?.generation_id === first.generation_id) end += 1;
    const group = images.slice(start, end);
    cells.push(...cellsOfGroup(group, first, opened));
    start = end;
  }
  return cells;
}

function cellsOfGroup(
  group: readonly ImageListItem[],
  first: ImageListItem,
  opened: ReadonlySet<string>,
): readonly Cell[] {
  if (group.length === 1) return [{ image: first, images: group, kind: 'single', isFirst: false }];
  if (!opened.has(first.generation_id)) {
    // The one that somebody chose stands for the others.
    const cover = group.find((image) => image.favorite) ?? first;
    return [{ image: cover, images: group, kind: 'stack', isFirst: false }];
  }
  return group.map((image, at) => ({ image, images: [image], kind: 'member', isFirst: at === 0 }));
}

/** The aspect ratio of an image; what is not known yet is shown as a square. */
export function aspectOf({ width, height }: Pick<ImageListItem, 'width' | 'height'>): number {
  return width === null || height === null || width === 0 || height === 0 ? 1 : width / height;
}
