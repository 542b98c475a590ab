import type { GenerationRecord, ImageList, ImageListItem, SingleImageRecord } from '@wan-image/core';
import type { InfiniteData, QueryClient } from '@tanstack/react-query';
import { GENERATIONS_KEY, generationKey, imageKey, IMAGES_KEY, libraryKeys } from '../api/keys.ts';

type CachedList = ImageList | InfiniteData<ImageList> | undefined;

/** Edits the items of all cached lists: null removes one. A list without a change stays the same object, so that nothing is drawn again. */
function editImages(queries: QueryClient, edit: (item: ImageListItem) => ImageListItem | null): void {
  queries.setQueriesData<CachedList>({ queryKey: libraryKeys.lists }, (cached) => {
    if (cached === undefined) return cached;
    if (!('pages' in cached)) return edited(cached, edit);
    const pages = cached.pages.map((page) => edited(page, edit));
    return pages.every((page, at) => page === cached.pages[at]) ? cached : { ...cached, pages };
  });
}

function edited(list: ImageList, edit: (item: ImageListItem) => ImageListItem | null): ImageList {
  const data = list.data.map(edit);
  return data.every((item, at) => item === list.data[at])
    ? list
    : { ...list, data: data.filter((item) => item !== null) };
}

type FavoriteListener = (ids: ReadonlySet<string>, favorite: boolean) => void;

const favoriteListeners = new Set<FavoriteListener>();

/** Calls `listener` whenever images are marked, or a mark is taken back: for what has copies of images beside the cache. */
export function onFavorites(listener: FavoriteListener): void {
  favoriteListeners.add(listener);
}

/** Marks images in everything that is cached. */
export function editFavorites(queries: QueryClient, ids: ReadonlySet<string>, favorite: boolean): void {
  for (const listener of favoriteListeners) listener(ids, favorite);
  const marked = <Image extends { readonly id: string; readonly favorite: boolean }>(image: Image): Image =>
    ids.has(image.id) && image.favorite !== favorite ? { ...image, favorite } : image;
  editImages(queries, marked);
  queries.setQueriesData<SingleImageRecord>(
    { queryKey: IMAGES_KEY, predicate: isRecord },
    (image) => image && marked(image),
  );
  queries.setQueriesData<GenerationRecord>(
    { queryKey: GENERATIONS_KEY, predicate: isRecord },
    (generation) => generation && { ...generation, images: generation.images.map(marked) },
  );
}

/** Below the key of a record may stand other things that are about it. */
function isRecord({ queryKey }: { readonly queryKey: readonly unknown[] }): boolean {
  return queryKey.length === 2;
}

/** Removes images that no longer exist where they were shown, such as those that were deleted in another tab. */
export function forgetImages(queries: QueryClient, ids: ReadonlySet<string>): void {
  editImages(queries, (item) => (ids.has(item.id) ? null : item));
}

/** Removes all images of generations that no longer exist. */
export function forgetGenerations(queries: QueryClient, ids: ReadonlySet<string>): void {
  editImages(queries, (item) => (ids.has(item.generation_id) ? null : item));
}

/** Reads the records of these images and of their generations again. */
export async function refreshRecords(
  queries: QueryClient,
  imageIds: readonly string[],
  generationIds: readonly string[],
): Promise<void> {
  await Promise.all([
    ...imageIds.map((id) => queries.invalidateQueries({ queryKey: imageKey(id) })),
    ...generationIds.map((id) => queries.invalidateQueries({ queryKey: generationKey(id) })),
  ]);
}
