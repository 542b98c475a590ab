import type { GenerationRecord, ImageRecord } from '@wan-image/core';
import { useNavigate } from '@tanstack/react-router';
import { targetOf, useDelete, useFavorite, usePurge, useRestore, type Target } from '../changes/changes.ts';
import type { RerunSeed } from '../generations/rerun.ts';
import { useRerun } from '../generations/use-rerun.ts';

/** What can be done with an image that is looked at. */
export interface ImageActions {
  readonly toggleFavorite: () => void;
  readonly rerun: (seed?: RerunSeed) => void;
  readonly vary: () => void;
  readonly edit: () => void;
  readonly use: () => void;
  readonly showLineage: () => void;
  readonly showRecord: () => void;
  readonly remove: () => void;
  readonly restore: () => void;
  readonly purge: () => void;
}

/** What the controls and keys of a viewer do. */
export interface ViewerControls extends ImageActions {
  readonly close: () => void;
  readonly step: (by: 1 | -1) => void;
  readonly compare: () => void;
  readonly askPurge: () => void;
  readonly toggleFacts: () => void;
}

/** The actions on an image of this record. `onGone` is called when it disappears from where one looks at it. */
export function useImageActions(record: GenerationRecord, image: ImageRecord, onGone: () => void): ImageActions {
  const navigate = useNavigate();
  const favorite = useFavorite();
  const remove = useDelete();
  const restore = useRestore();
  const purge = usePurge();
  const rerun = useRerun();
  const { id } = record;
  return {
    toggleFavorite: () => favorite.mutate({ ids: [image.id], favorite: !image.favorite }),
    rerun: (seed) => rerun(record, seed),
    vary: () => void navigate({ to: '/create', search: { from: id, vary: '1' } }),
    edit: () => void navigate({ to: '/create', search: { image: [image.id] } }),
    use: () => void navigate({ to: '/create', search: { from: id } }),
    showLineage: () => void navigate({ to: '/generations/$id', params: { id }, hash: 'lineage' }),
    showRecord: () => void navigate({ to: '/generations/$id', params: { id } }),
    remove() {
      remove.mutate(targetOfImage(record, image));
      onGone();
    },
    restore: () => restore.mutate(binnedTarget(record, image)),
    purge() {
      purge.mutate(binnedTarget(record, image));
      onGone();
    },
  };
}

/** An image that is the only one of its generation stands for all of it, as in the library. */
function targetOfImage(record: GenerationRecord, { id }: ImageRecord): Target {
  return targetOf([{ id, generation_id: record.id, set_size: record.images.length }]);
}

/** What is in the bin: the generation, or the image by itself. */
function binnedTarget(record: GenerationRecord, { id }: ImageRecord): Target {
  return record.deleted_at === null
    ? { generations: [], images: [id], count: 1 }
    : { generations: [record.id], images: [], count: record.images.length };
}
