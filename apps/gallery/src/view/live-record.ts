import type { GenerationRecord } from '@wan-image/core';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { generationKey, libraryKeys } from '../api/keys.ts';
import { followGeneration, type Changes } from '../generations/follow.ts';
import { isChanging, withImage } from '../generations/state.ts';

/** Follows a generation while it goes on: its state and its images appear as they change. */
export function useLiveRecord(record: GenerationRecord | undefined): void {
  const queries = useQueryClient();
  const id = record !== undefined && isChanging(record) ? record.id : null;
  useEffect(() => {
    if (id === null) return undefined;
    const abort = new AbortController();
    const key = generationKey(id);
    // The change that is the last one also ends this effect, so the lists are read again here and not after it.
    const show = (next: GenerationRecord): void => {
      queries.setQueryData(key, next);
      if (!isChanging(next)) void queries.invalidateQueries({ queryKey: libraryKeys.all });
    };
    const changes = {
      onImage(image) {
        const known = queries.getQueryData<GenerationRecord>(key);
        if (known !== undefined) show(withImage(known, image));
      },
      onRecord: show,
    } satisfies Changes;
    void followGeneration(id, changes, abort.signal);
    return () => abort.abort();
  }, [id, queries]);
}
