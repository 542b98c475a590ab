import type { GenerationRecord } from '@wan-image/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { startRerun } from '../generations/rerun.ts';
import { Button } from '../ui/button.tsx';
import { useShowProblem } from '../ui/toasts.tsx';
import { followed } from './followed.ts';
import { putRecord } from './recent.ts';

/** Sends the same request once more. Offered where the first one certainly cost nothing. */
export function RetryButton({ record }: { readonly record: GenerationRecord }): ReactNode {
  const t = useTranslations('create');
  const queries = useQueryClient();
  const retry = useMutation({
    networkMode: 'always',
    mutationFn: () => startRerun(record, 'same'),
    onSuccess({ record: next }) {
      followed.add(next.id);
      putRecord(queries, next);
    },
    onError: useShowProblem(),
  });
  return (
    <Button isBusy={retry.isPending} onClick={() => retry.mutate()}>
      {t('tryAgain')}
    </Button>
  );
}
