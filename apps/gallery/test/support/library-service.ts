import type { BulkChange, ImageListItem } from '@wan-image/core';
import type { RecordedRequest } from '@wan-image/testing/http-server';
import { EMPTY_LIST, startHistory, urlOf, type Routes } from './open-page.tsx';

/** A generation of so many images, as a list for grids has them. */
export function imagesOf(number: number, size = 1, more: Partial<ImageListItem> = {}): readonly ImageListItem[] {
  const generation = `01a223b2-a97f-71ba-96ae-${String(number).padStart(12, '0')}`;
  return Array.from({ length: size }, (_, index) => ({
    id: `${generation}-${index}`,
    object: 'image',
    generation_id: generation,
    index,
    set_size: size,
    state: 'stored',
    width: 1024,
    height: 1024,
    thumbhash: null,
    url: `http://elsewhere.example/images/${generation}-${index}?key=own&signature=x`,
    favorite: false,
    deleted_at: null,
    prompt: size === 1 ? `Image ${number}` : `Set ${number}`,
    model: 'wan2.7-image',
    created_at: '2025-11-27T12:00:00.000Z',
    ...more,
  }));
}

/** A history service with these images, which can be changed. Deleted ones are in its bin. */
export async function startLibrary(images: readonly ImageListItem[], routes: Routes = {}) {
  const state = { images: [...images] };
  const isSelected = (query: URLSearchParams, image: ImageListItem): boolean =>
    (image.deleted_at !== null) === (query.get('deleted') === 'true') &&
    (query.get('favorite') !== 'true' || image.favorite) &&
    (query.get('q') === null || image.prompt.includes(query.get('q') ?? '')) &&
    image.created_at >= (query.get('created_after') ?? '') &&
    image.created_at < (query.get('created_before') ?? '9');
  const list = (request: RecordedRequest): unknown => {
    const query = urlOf(request).searchParams;
    const from = Number(query.get('cursor') ?? 0);
    const all = state.images.filter((image) => isSelected(query, image));
    const data = all.slice(from, from + Number(query.get('limit') ?? 100));
    const next = from + data.length;
    const hasMore = next < all.length;
    return { ...EMPTY_LIST, data, has_more: hasMore, next_cursor: hasMore ? String(next) : null };
  };
  const timeline = (): unknown => {
    const visible = state.images.filter((image) => image.deleted_at === null);
    const days = Map.groupBy(visible, ({ created_at }) => created_at.slice(0, 10));
    const data = [...days]
      .map(([day, own]) => ({ day, images: own.length }))
      .toSorted((a, b) => (a.day < b.day ? 1 : -1));
    return { object: 'timeline', complete: true, data };
  };
  const bulk = ({ body }: RecordedRequest): unknown => {
    const change = JSON.parse(body) as BulkChange;
    const isMeant = ({ id, generation_id }: ImageListItem): boolean =>
      (change.image_ids?.includes(id) ?? false) || (change.ids?.includes(generation_id) ?? false);
    const matched = state.images.filter(isMeant).length;
    state.images = state.images
      .map((image) => (isMeant(image) ? changed(image, change) : image))
      .filter((image) => !(isMeant(image) && change.action === 'purge'));
    return { object: 'bulk_result', matched, changed: matched };
  };
  const service = await startHistory({
    'GET /v1/images': list,
    'GET /v1/images/timeline': timeline,
    'POST /v1/generations/bulk': bulk,
    ...routes,
  });
  return Object.assign(service, { state });
}

function changed(image: ImageListItem, { action, favorite }: BulkChange): ImageListItem {
  if (action === 'delete') return { ...image, deleted_at: '2026-11-28T00:00:00.000Z' };
  if (action === 'restore') return { ...image, deleted_at: null };
  return favorite === undefined ? image : { ...image, favorite };
}
