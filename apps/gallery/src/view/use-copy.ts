import { useTranslations } from 'use-intl';
import { copyText } from '../ui/copy-text.ts';
import { showToast } from '../ui/toasts.tsx';

/** Copies a text, and says so. */
export function useCopy(): (text: string, detail?: string) => void {
  const t = useTranslations('view');
  return (text, detail) => {
    void copyText(text).then((isCopied) =>
      isCopied
        ? showToast({ title: t('copied'), detail })
        : showToast({ title: t('copyFailed'), detail: t('copyFailedHint'), isProblem: true }),
    );
  };
}
