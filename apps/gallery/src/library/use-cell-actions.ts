import type { GenerationFilter, ImageListItem } from '@wan-image/core';
import { useMutation, useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useFavorite, useNotifyProblem } from '../changes/changes.ts';
import { useMay } from '../api/service.ts';
import { stringifySearchParams } from '../page/search-params.ts';
import type { CellActions } from './cell.tsx';
import type { GridStore } from './grid-store.ts';
import { imagesBetween, imagesOfDay } from './range.ts';
import { selection } from './selection.ts';

/** What the pointer does with cells. */
export function useCellActions(store: GridStore, filter: GenerationFilter): CellActions {
  const router = useRouter();
  const queries = useQueryClient();
  const { mutate: mark } = useFavorite();
  const mayChange = useMay('manage');
  const select = useSelect();
  const hrefOf = useHref(filter);
  return useMemo(
    () => ({
      mayChange,
      pace: store,
      hrefOf,
      onOpen(cell, event) {
        // With these, a link opens in another tab or is saved.
        if (event.ctrlKey || event.metaKey || event.altKey) return;
        event.preventDefault();
        // The keyboard opens; a pointer selects while anything is selected.
        const isPointer = event.detail !== 0;
        if (isPointer && event.shiftKey) select(() => selectTo(store, queries, filter, cell.images));
        else if (isPointer && selection.get().size > 0) selection.toggle(cell.images);
        else router.history.push(hrefOf(cell.image.id));
      },
      onSelect(cell, event) {
        store.setActive(cell.image.id);
        if (event.shiftKey) select(() => selectTo(store, queries, filter, cell.images));
        else selection.toggle(cell.images);
      },
      onFavorite: ({ image }) => mark({ ids: [image.id], favorite: !image.favorite }),
      onSelectDay: (day) => select(async () => selection.toggle(await imagesOfDay({ store, queries, filter, day }))),
      onStack(cell) {
        store.setActive(cell.image.id);
        store.toggleStack(cell.image.generation_id);
      },
      onFocus: (cell) => store.setActive(cell.image.id),
    }),
    [filter, hrefOf, mark, mayChange, queries, router, select, store],
  );
}

/** Selects what may have to be read first. A failure to read it is said. The same function for as long as the view is shown. */
export function useSelect(): (select: () => Promise<void>) => void {
  const onError = useNotifyProblem();
  // Without a connection too: what is in memory can be selected, and nothing is selected later.
  const { mutate } = useMutation({
    networkMode: 'always',
    mutationFn: (select: () => Promise<void>) => select(),
    onError,
  });
  return mutate;
}

/** Selects everything from the image that was selected last to this one. */
export async function selectTo(
  store: GridStore,
  queries: QueryClient,
  filter: GenerationFilter,
  images: readonly ImageListItem[],
): Promise<void> {
  const from = selection.anchor();
  const to = images.at(-1);
  if (from === null || to === undefined) return selection.set(images, true);
  selection.set([...(await imagesBetween({ store, queries, filter, from, to: to.id })), ...images], true);
}

/** The URL of an image, which has the filter, so that its neighbours are those of the list. */
function useHref(filter: GenerationFilter): (imageId: string) => string {
  return useMemo(() => {
    const search = stringifySearchParams({ ...filter });
    return (imageId) => `/view/${encodeURIComponent(imageId)}${search}`;
  }, [filter]);
}
