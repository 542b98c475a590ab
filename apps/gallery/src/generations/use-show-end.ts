import type { GenerationRecord } from '@wan-image/core';
import { useNavigate } from '@tanstack/react-router';
import { useTranslations } from 'use-intl';
import type { ShownToast } from '../ui/toasts.tsx';
import { useCause } from './use-cause.ts';

/** Replaces the toast of a generation by what became of it, with the way to it. */
export function useShowEnd(): (record: GenerationRecord, toast: ShownToast) => void {
  const t = useTranslations('generations');
  const cause = useCause();
  const navigate = useNavigate();
  return (record, toast) => {
    const { id, state, images } = record;
    const open = (): void => void navigate({ to: '/generations/$id', params: { id } });
    const [first] = images;
    if (state === 'succeeded' && first !== undefined) {
      const show = (): void => void navigate({ to: '/view/$imageId', params: { imageId: first.id }, search: {} });
      toast.replace({
        title: t('rerunReady', { count: images.length }),
        action: { label: t('rerunShow'), onClick: show },
      });
    } else if (state === 'canceled')
      toast.replace({ title: t('rerunCanceled'), action: { label: t('rerunOpen'), onClick: open } });
    else {
      toast.replace({
        title: t('rerunFailed'),
        detail: cause(record).title,
        action: { label: t('rerunOpen'), onClick: open },
        isProblem: true,
      });
    }
  };
}
