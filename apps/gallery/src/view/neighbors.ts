/** What says where an image stands in the library. */
export interface Position {
  readonly id: string;
  readonly generation_id: string;
  readonly index: number;
  readonly created_at: string;
}

/** The images before and after another one. */
export interface Neighbors<Image extends Position> {
  readonly previous: Image | null;
  readonly next: Image | null;
}

/** The order of the library: generations newest first, the images of each in theirs. */
function comparePositions(one: Position, other: Position): number {
  if (one.generation_id === other.generation_id) return one.index - other.index;
  if (one.created_at !== other.created_at) return one.created_at > other.created_at ? -1 : 1;
  return one.generation_id > other.generation_id ? -1 : 1;
}

/** The images around another one, which need not be among them: it may have been deleted, or no longer match the filter. */
export function neighborsOf<Image extends Position>(images: Iterable<Image>, place: Position): Neighbors<Image> {
  let previous: Image | null = null;
  let next: Image | null = null;
  for (const image of images) {
    const order = comparePositions(image, place);
    if (order < 0 && (previous === null || comparePositions(image, previous) > 0)) previous = image;
    if (order > 0 && (next === null || comparePositions(image, next) < 0)) next = image;
  }
  return { previous, next };
}
