import { MAX_INPUT_IMAGES } from '@wan-image/core';
import { useTranslations } from 'use-intl';
import { showToast, useShowProblem } from '../ui/toasts.tsx';
import { addFiles } from './inputs.ts';

/** Adds files to the inputs, and says so when they have no room. */
export function useAddFiles(): (files: readonly File[]) => void {
  const t = useTranslations('create');
  const showProblem = useShowProblem();
  return (files) => {
    const add = async (): Promise<void> => {
      const refused = await addFiles(files);
      if (refused > 0) showToast({ title: t('libraryFull', { limit: MAX_INPUT_IMAGES }), isProblem: true });
    };
    add().catch(showProblem);
  };
}
