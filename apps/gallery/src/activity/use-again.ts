import type { GenerationRecord } from '@wan-image/core';
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useTranslations } from 'use-intl';
import { startRerun } from '../generations/rerun.ts';
import { useSettled } from '../generations/use-actions.ts';
import { showToast } from '../ui/toasts.tsx';

/** Sends the very same request once more. */
export function useAgain() {
  const t = useTranslations('activity');
  const navigate = useNavigate();
  const { onError, onSettled } = useSettled();
  return useMutation({
    networkMode: 'always',
    mutationFn: (record: GenerationRecord) => startRerun(record, 'same'),
    onSuccess: ({ record: { id } }) =>
      showToast({
        title: t('rerunStarted'),
        action: { label: t('details'), onClick: () => void navigate({ to: '/generations/$id', params: { id } }) },
      }),
    onError,
    onSettled,
  });
}
