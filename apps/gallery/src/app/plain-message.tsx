import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { Button } from '../ui/button.tsx';
import { setPlainMessage, usePlainMessage } from '../ui/notify.ts';
import styles from './plain-message.module.css';

/** A message that no toast could show. It is drawn by the first file of the page, and stays until it is closed. */
export function PlainMessage(): ReactNode {
  const t = useTranslations('app');
  const message = usePlainMessage();
  const close = (): void => setPlainMessage(null);
  const act = (): void => {
    close();
    message?.action?.onClick();
  };
  return (
    <div role="alert" className={styles['message']} hidden={message === null}>
      {message !== null && (
        <>
          <p className={styles['text']}>
            <strong>{message.title}</strong> {message.detail}
          </p>
          {message.action && <Button onClick={act}>{message.action.label}</Button>}
          <Button onClick={close}>{t('close')}</Button>
        </>
      )}
    </div>
  );
}
