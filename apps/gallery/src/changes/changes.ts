import {
  isWanImageError,
  MAX_FILTER_IDS,
  type BulkChange,
  type GenerationRecord,
  type HistoryClient,
  type UpdateGenerationRequest,
} from '@wan-image/core';
import { useMutation, useQueryClient, type QueryClient, type UseMutationResult } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { notify } from '../ui/notify.ts';
import { editFavorites, forgetGenerations, forgetImages, refreshRecords } from './cached-images.ts';
import { generationKey, libraryKeys, TAGS_KEY } from '../api/keys.ts';
import { MissingFileError, useProblemText } from '../api/problem.ts';

/** The part of an image that says what a change is about. */
export interface ImageRef {
  readonly id: string;
  readonly generation_id: string;
  /** The number of images of its generation. */
  readonly set_size: number;
}

/** What a deletion is about: whole generations, and images of others. */
export interface Target {
  readonly generations: readonly string[];
  readonly images: readonly string[];
  /** How many images that is, for texts. */
  readonly count: number;
}

/** A generation whose images are all meant is meant itself, so that its record goes with them; otherwise the images alone. */
export function targetOf(images: readonly ImageRef[]): Target {
  const byGeneration = Map.groupBy(images, (image) => image.generation_id);
  const isWhole = ([, own]: readonly [string, readonly ImageRef[]]): boolean =>
    new Set(own.map(({ id }) => id)).size >= (own[0]?.set_size ?? Infinity);
  const groups = [...byGeneration];
  return {
    generations: groups.filter(isWhole).map(([id]) => id),
    images: groups.filter((group) => !isWhole(group)).flatMap(([, own]) => own.map(({ id }) => id)),
    count: images.length,
  };
}

/** Marks images as favorites, or no longer. Shown at once; a failure takes it back. */
export function useFavorite(): UseMutationResult<
  void,
  Error,
  { readonly ids: readonly string[]; readonly favorite: boolean }
> {
  const queries = useQueryClient();
  const showProblem = useNotifyProblem();
  const sayMissing = useNotifyMissing();
  return useMutation({
    async mutationFn({ ids, favorite }) {
      await bulk({ images: ids, generations: [] }, { action: 'update', favorite }, sayMissing);
    },
    async onMutate({ ids, favorite }) {
      // A list that is on its way has the earlier value.
      await queries.cancelQueries({ queryKey: libraryKeys.lists });
      editFavorites(queries, new Set(ids), favorite);
    },
    onError(error, { ids, favorite }) {
      editFavorites(queries, new Set(ids), !favorite);
      void queries.invalidateQueries({ queryKey: libraryKeys.lists });
      showProblem(error);
    },
    // Whoever looks at favorites keeps seeing the image until the list is read again: a slip can be put right where it was made.
    onSettled: (_data, _error, { ids }) => refreshRecords(queries, ids, [...new Set(ids.map(generationOf))]),
  });
}

/** Puts images into the bin. They disappear at once; a toast offers to undo it. */
export function useDelete(): UseMutationResult<number, Error, Target> {
  const t = useTranslations('library');
  const undo = useTranslations('app')('undo');
  const queries = useQueryClient();
  const showProblem = useNotifyProblem();
  const restore = useRestore();
  return useMutation({
    mutationFn: (target) => bulk(target, { action: 'delete' }),
    async onMutate(target) {
      await queries.cancelQueries({ queryKey: libraryKeys.lists });
      forget(queries, target);
    },
    onError(error) {
      void refreshAll(queries);
      showProblem(error);
    },
    async onSuccess(skipped, target) {
      notify({
        title: t('deleted', { count: target.count }),
        detail: skipped > 0 ? t('deleteSkipped', { count: skipped }) : null,
        action: { label: undo, onClick: () => restore.mutate(target) },
      });
      if (skipped > 0) await queries.invalidateQueries({ queryKey: libraryKeys.lists });
      await afterDeletion(queries, target);
    },
  });
}

/** Takes images out of the bin. */
export function useRestore(): UseMutationResult<number, Error, Target> {
  const t = useTranslations('library');
  const queries = useQueryClient();
  const showProblem = useNotifyProblem();
  return useMutation({
    mutationFn: (target) => bulk(target, { action: 'restore' }),
    onError: showProblem,
    async onSuccess(_skipped, target) {
      notify({ title: t('restored', { count: target.count }) });
      await Promise.all([refreshAll(queries), afterDeletion(queries, target)]);
    },
  });
}

/** Deletes for good. Whoever calls it has asked before. */
export function usePurge(): UseMutationResult<number, Error, Target> {
  const t = useTranslations('library');
  const queries = useQueryClient();
  const showProblem = useNotifyProblem();
  return useMutation({
    mutationFn: (target) => bulk(target, { action: 'purge' }),
    onError: showProblem,
    async onSuccess(_skipped, target) {
      forget(queries, target);
      notify({ title: t('purged', { count: target.count }) });
      await afterDeletion(queries, target);
    },
  });
}

/** What a change of several generations does. */
export interface GenerationsChange {
  readonly ids: readonly string[];
  readonly add_tags?: readonly string[] | undefined;
  readonly remove_tags?: readonly string[] | undefined;
  readonly note?: string | null | undefined;
}

/** Adds and removes tags, and sets the note, of several generations. Resolves with how many could not be changed. */
export function useUpdateGenerations(): UseMutationResult<number, Error, GenerationsChange> {
  const t = useTranslations('library');
  const queries = useQueryClient();
  const showProblem = useNotifyProblem();
  const sayMissing = useNotifyMissing();
  return useMutation({
    mutationFn: ({ ids, ...change }) =>
      bulk({ generations: ids, images: [] }, { action: 'update', ...change }, sayMissing),
    onError: showProblem,
    async onSuccess(_skipped, { ids }) {
      notify({ title: t('updated', { count: ids.length }) });
      await afterUpdate(queries, ids);
    },
  });
}

/** Changes tags and note of one generation. Its record is replaced by the new one. */
export function useUpdateGeneration(): UseMutationResult<
  GenerationRecord,
  Error,
  { readonly id: string; readonly changes: UpdateGenerationRequest }
> {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async ({ id, changes }) => (await wholeClient()).update(id, changes),
    async onSuccess(record) {
      queries.setQueryData(generationKey(record.id), record);
      await afterUpdate(queries, []);
    },
  });
}

/** Removes a generation from all lists when a response says that it no longer exists. Returns whether the error says so. */
export function forgetMissing(queries: QueryClient, error: unknown, image: ImageRef): boolean {
  if (!isWanImageError(error) || (error.status !== 404 && error.status !== 410)) return false;
  forgetImages(queries, new Set([image.id]));
  return true;
}

/** Shows a failure of a change. Without a session the sign-in dialog says what to do. */
export function useNotifyProblem(): (error: Error) => void {
  const textOf = useProblemText();
  return (error) => {
    if (isWanImageError(error) && error.status === 401) return;
    notify({ ...textOf(error), isProblem: true });
  };
}

/** The whole client, which arrives with the first change: the first view needs only the reader. */
async function wholeClient(): Promise<HistoryClient> {
  try {
    return (await import('../api/client.ts')).client;
  } catch (error) {
    throw new MissingFileError(error);
  }
}

/** Says that something was deleted elsewhere, and reads the lists again, which show it no longer. */
function useNotifyMissing(): () => void {
  const t = useTranslations('problems');
  const queries = useQueryClient();
  return () => {
    notify({ title: t('notFound'), detail: t('notFoundHint'), isProblem: true });
    void queries.invalidateQueries({ queryKey: libraryKeys.all });
  };
}

/**
 * Carries out a change in requests of at most as many ids as one may have. Resolves with how many exist and were not changed. `onMissing` is
 * called if some do not exist.
 */
async function bulk(
  { generations, images }: Pick<Target, 'generations' | 'images'>,
  change: Omit<BulkChange, 'ids' | 'image_ids' | 'filter' | 'all'>,
  onMissing: () => void = () => undefined,
): Promise<number> {
  const client = await wholeClient();
  let skipped = 0;
  let isAnyMissing = false;
  const send = async (request: BulkChange): Promise<void> => {
    const result = await client.bulk(request);
    if (result.object !== 'bulk_result') return;
    skipped += result.matched - result.changed;
    isAnyMissing ||= result.matched < (request.ids ?? request.image_ids ?? []).length;
  };
  // One after the other: each may be as many as the service changes at once.
  for (const ids of chunksOf(generations)) await send({ ...change, ids });
  for (const ids of chunksOf(images)) await send({ ...change, image_ids: ids });
  if (isAnyMissing) onMissing();
  return skipped;
}

function chunksOf(ids: readonly string[]): readonly (readonly string[])[] {
  const unique = [...new Set(ids)];
  const count = Math.ceil(unique.length / MAX_FILTER_IDS);
  return Array.from({ length: count }, (_, at) => unique.slice(at * MAX_FILTER_IDS, (at + 1) * MAX_FILTER_IDS));
}

function forget(queries: QueryClient, { generations, images }: Target): void {
  forgetGenerations(queries, new Set(generations));
  forgetImages(queries, new Set(images));
}

async function refreshAll(queries: QueryClient): Promise<void> {
  await queries.invalidateQueries({ queryKey: libraryKeys.all });
}

/** The records say whether they are in the bin; other lists, which are not shown, are read again when they are. */
async function afterDeletion(queries: QueryClient, { generations, images }: Target): Promise<void> {
  await Promise.all([
    refreshRecords(queries, images, [...new Set([...generations, ...images.map(generationOf)])]),
    queries.invalidateQueries({ queryKey: libraryKeys.all, refetchType: 'none', type: 'inactive' }),
    queries.invalidateQueries({ queryKey: TAGS_KEY }),
  ]);
}

async function afterUpdate(queries: QueryClient, ids: readonly string[]): Promise<void> {
  await Promise.all([
    refreshRecords(queries, [], ids),
    queries.invalidateQueries({ queryKey: TAGS_KEY }),
    queries.invalidateQueries({ queryKey: libraryKeys.all, refetchType: 'none' }),
  ]);
}

/** The id of an image is that of its generation, and its index. */
function generationOf(imageId: string): string {
  return imageId.slice(0, imageId.lastIndexOf('-'));
}
