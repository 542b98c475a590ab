import { useState, type ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { copyText } from '../ui/copy-text.ts';
import { IconButton } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import { showToast } from '../ui/toasts.tsx';
import styles from './settings.module.css';

/** A text to take elsewhere. Where a browser allows no copying (http, not from this device), it can be selected. */
export function Copyable({ text, label }: { readonly text: string; readonly label: string }): ReactNode {
  const t = useTranslations('settings');
  const ta = useTranslations('app');
  const [isCopied, setIsCopied] = useState(false);
  const copy = async (): Promise<void> => {
    const copied = await copyText(text);
    setIsCopied(copied);
    showToast(copied ? { title: ta('copied') } : { title: t('notCopied'), isProblem: true });
  };
  return (
    <div className={styles['copyable']}>
      <code className={styles['text']}>{text}</code>
      <IconButton label={label} onClick={() => void copy()}>
        <Icon name={isCopied ? 'check' : 'copy'} size={18} />
      </IconButton>
    </div>
  );
}
