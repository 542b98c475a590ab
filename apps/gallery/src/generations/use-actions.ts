import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { GenerationRecord } from '@wan-image/core';
import { useTranslations } from 'use-intl';
import { client } from '../api/client.ts';
import { ACTIVITY_KEY, GENERATIONS_KEY, generationKey, libraryKeys, RECENT_KEY } from '../api/keys.ts';
import { showToast, useShowProblem } from '../ui/toasts.tsx';

/** Cancels a generation, and says what that means for its bill. */
export function useCancel() {
  const t = useTranslations('generations');
  const settled = useSettled();
  return useMutation({
    // Without a connection it fails at once: later, nobody would expect it any more.
    networkMode: 'always',
    mutationFn: (id: string) => client.cancel(id),
    onSuccess(record) {
      settled.onRecord(record);
      const { finished_at, outcome } = record;
      if (finished_at === null) showToast({ title: t('cancelRequested') });
      else showToast({ title: t('canceled'), detail: t(`canceledOutcome.${outcome ?? 'unknown'}`) });
    },
    onError: settled.onError,
    onSettled: settled.onSettled,
  });
}

/** Settles an unknown outcome. */
export function useResolve() {
  const t = useTranslations('generations');
  const settled = useSettled();
  return useMutation({
    networkMode: 'always',
    mutationFn: ({ id, outcome }: { readonly id: string; readonly outcome: 'billed' | 'not_billed' }) =>
      client.resolve(id, { outcome }),
    onSuccess(record) {
      settled.onRecord(record);
      showToast({ title: t('resolved'), detail: t(record.outcome === 'billed' ? 'billed' : 'notBilled') });
    },
    onError: settled.onError,
    onSettled: settled.onSettled,
  });
}

/** Also after a failure the page may be out of date: what cannot be canceled has ended. */
export function useSettled() {
  const queries = useQueryClient();
  const showProblem = useShowProblem();
  return {
    onRecord: (record: GenerationRecord) => void queries.setQueryData(generationKey(record.id), record),
    onError: showProblem,
    onSettled: () =>
      Promise.all(
        [ACTIVITY_KEY, RECENT_KEY, GENERATIONS_KEY, libraryKeys.all].map((queryKey) =>
          queries.invalidateQueries({ queryKey }),
        ),
      ),
  };
}
