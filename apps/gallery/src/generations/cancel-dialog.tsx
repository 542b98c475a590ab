import type { GenerationRecord } from '@wan-image/core';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import styles from './dialogs.module.css';
import { useCancel } from './use-actions.ts';

export interface RecordDialogProps {
  readonly record: GenerationRecord;
  readonly onClose: () => void;
}

/** Asks before something is canceled that may be billed all the same. */
export function CancelDialog({ record, onClose }: RecordDialogProps): ReactNode {
  const t = useTranslations('generations');
  const cancel = useCancel();
  return (
    <Dialog isOpen onClose={onClose} title={t('cancelTitle')} lead={t('cancelLead')}>
      <p className={styles['quote']}>{record.prompt}</p>
      <div className={styles['buttons']}>
        <Button onClick={onClose}>{t('keepRunning')}</Button>
        <Button
          look="danger"
          disabled={cancel.isPending}
          onClick={() => cancel.mutate(record.id, { onSettled: onClose })}
        >
          {t('cancelNow')}
        </Button>
      </div>
    </Dialog>
  );
}
