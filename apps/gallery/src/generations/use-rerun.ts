import type { GenerationRecord } from '@wan-image/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useTranslations } from 'use-intl';
import { generationKey, libraryKeys } from '../api/keys.ts';
import { useProblemText } from '../api/problem.ts';
import { reader } from '../api/reader.ts';
import { closeToasts, showToast, useShowProblem, type ShownToast } from '../ui/toasts.tsx';
import { endOf, forgetEnds } from './ends.ts';
import { startRerun, type Rerun, type RerunSeed } from './rerun.ts';
import { useCancel } from './use-actions.ts';
import { usePriceText } from './use-price-text.ts';
import { useShowEnd } from './use-show-end.ts';

/** Sends the request of a generation again. A toast says what it costs, and offers to cancel it, until it ends. */
export function useRerun(): (record: GenerationRecord, seed?: RerunSeed) => void {
  const t = useTranslations('generations');
  const queries = useQueryClient();
  const showProblem = useShowProblem();
  const follow = useFollow();
  const { mutate } = useMutation({
    networkMode: 'always',
    mutationFn: ({ record, seed }: { readonly record: GenerationRecord; readonly seed: RerunSeed }) =>
      startRerun(record, seed),
    async onSuccess(rerun, { record }) {
      void follow(rerun, record);
      await queries.invalidateQueries({ queryKey: generationKey(record.id) });
    },
    onError: showProblem,
  });
  return (record, seed = 'another') => {
    if (record.deleted_at !== null) showToast({ title: t('rerunDeleted'), isProblem: true });
    else mutate({ record, seed });
  };
}

/** Ids whose end is awaited: the repetitions of a press have the result of that press, and one toast is enough. */
const followed = new Set<string>();

/** After somebody has signed out. */
export function forgetReruns(): void {
  followed.clear();
  forgetEnds();
  closeToasts();
}

function useFollow(): (rerun: Rerun, of: GenerationRecord) => Promise<void> {
  const t = useTranslations('generations');
  const cancelText = useTranslations('app')('cancel');
  const priceText = usePriceText();
  const queries = useQueryClient();
  const showEnd = useShowEnd();
  const problemText = useProblemText();
  const cancel = useCarefulCancel();
  return async ({ record: { id }, seed }, of) => {
    if (followed.has(id)) return;
    followed.add(id);
    const questions: ShownToast[] = [];
    const onCancel = async (): Promise<void> => {
      const question = await cancel(id);
      // It may have ended meanwhile.
      if (question !== null && followed.has(id)) questions.push(question);
      else question?.close();
    };
    const seedText = seed === null ? t('rerunNoSeed') : t('rerunSeed', { seed: String(seed) });
    const toast: ShownToast = showToast({
      title: t('rerunStarted'),
      detail: [seedText, priceText(of)].filter((part) => part !== '').join(' '),
      action: { label: cancelText, onClick: () => void onCancel() },
      isLasting: true,
    });
    try {
      const record = await endOf(id);
      await queries.invalidateQueries({ queryKey: libraryKeys.all });
      if (record === null) toast.replace({ title: t('rerunGone') });
      else showEnd(record, toast);
    } catch (error) {
      toast.replace({ ...problemText(error), isProblem: true });
    } finally {
      followed.delete(id);
      for (const question of questions) question.close();
    }
  };
}

/** Cancels what was not sent; of what was, and may be billed all the same, it returns a toast that asks. What has ended is shown. */
function useCarefulCancel(): (id: string) => Promise<ShownToast | null> {
  const cancel = useCancel();
  const navigate = useNavigate();
  const showProblem = useShowProblem();
  const t = useTranslations('generations');
  return async (id) => {
    try {
      const { sent_at, finished_at } = await reader.get(id);
      if (finished_at !== null) void navigate({ to: '/generations/$id', params: { id } });
      else if (sent_at === null) cancel.mutate(id);
      else
        return showToast({
          title: t('cancelSent'),
          action: { label: t('cancelNow'), onClick: () => cancel.mutate(id) },
          isLasting: true,
        });
    } catch (error) {
      showProblem(error);
    }
    return null;
  };
}
