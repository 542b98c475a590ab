import type { ImageListItem } from '@wan-image/core';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { targetOf, usePurge } from '../changes/changes.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import styles from './selection-bar.module.css';
import { selection } from './selection.ts';

export interface PurgeDialogProps {
  readonly images: readonly ImageListItem[];
  readonly onClose: () => void;
}

/** Asks before images are deleted for good. */
export function PurgeDialog({ images, onClose }: PurgeDialogProps): ReactNode {
  const t = useTranslations('library');
  const cancel = useTranslations('app')('cancel');
  const purge = usePurge();
  const onPurge = (): void => {
    purge.mutate(targetOf(images), {
      onSuccess() {
        selection.clear();
        onClose();
      },
    });
  };
  return (
    <Dialog isOpen onClose={onClose} title={t('purgeTitle', { count: images.length })} lead={t('purgeLead')}>
      <div className={styles['buttons']}>
        <Button onClick={onClose}>{cancel}</Button>
        <Button look="danger" disabled={purge.isPending} onClick={onPurge}>
          {t('purge')}
        </Button>
      </div>
    </Dialog>
  );
}
