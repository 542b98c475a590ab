import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import styles from './dialogs.module.css';

export interface PurgeDialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly onConfirm: () => void;
}

/** Asks before something is deleted for good: the only deletion that cannot be undone. */
export function PurgeDialog({ title, onClose, onConfirm }: PurgeDialogProps): ReactNode {
  const t = useTranslations('view');
  const cancel = useTranslations('app')('cancel');
  return (
    <Dialog isOpen onClose={onClose} title={title} lead={t('purgeLead')}>
      <div className={styles['actions']}>
        <Button onClick={onClose}>{cancel}</Button>
        <Button look="danger" onClick={onConfirm}>
          {t('purge')}
        </Button>
      </div>
    </Dialog>
  );
}
