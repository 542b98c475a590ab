import { onlineManager } from '@tanstack/react-query';
import { useSyncExternalStore, type ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import styles from './connection-notice.module.css';

/** Says that the device is offline, while it is. */
export function ConnectionNotice(): ReactNode {
  const t = useTranslations('app');
  const isOnline = useSyncExternalStore(
    (onChange) => onlineManager.subscribe(onChange),
    () => onlineManager.isOnline(),
  );
  return (
    <div role="status" className={styles['notice']} hidden={isOnline}>
      {isOnline ? null : t('offline')}
    </div>
  );
}
