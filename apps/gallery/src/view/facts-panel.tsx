import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { IconButton } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import styles from './facts-panel.module.css';
import { Facts, type FactsProps } from './facts.tsx';

export interface FactsPanelProps extends FactsProps {
  readonly onClose: () => void;
}

/** The facts beside an image; on a phone over its lower part. */
export function FactsPanel({ onClose, ...facts }: FactsPanelProps): ReactNode {
  const t = useTranslations('view');
  const close = useTranslations('app')('close');
  return (
    <aside aria-label={t('facts')} className={styles['panel']}>
      <header className={styles['header']}>
        <h2 className={styles['title']}>{t('facts')}</h2>
        <IconButton label={close} onClick={onClose}>
          <Icon name="close" />
        </IconButton>
      </header>
      <div className={styles['content']}>
        <Facts {...facts} />
      </div>
    </aside>
  );
}
