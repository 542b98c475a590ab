import type { GenerationRecord, ImageRecord } from '@wan-image/core';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { useMay } from '../api/service.ts';
import { Button } from '../ui/button.tsx';
import styles from './bin-notice.module.css';

export interface BinNoticeProps {
  readonly record: GenerationRecord;
  /** Null: it is about the generation. */
  readonly image: ImageRecord | null;
  readonly onRestore: () => void;
  readonly onPurge?: (() => void) | undefined;
}

/** Says that something is in the bin, and takes it out. */
export function BinNotice({ record, image, onRestore, onPurge }: BinNoticeProps): ReactNode {
  const t = useTranslations('view');
  const mayManage = useMay('manage');
  return (
    <div role="status" className={styles['notice']}>
      <p>
        {t(record.deleted_at === null && image !== null ? 'binned' : 'binnedGeneration')}
        {!mayManage && ` ${t('binnedNoRight')}`}
      </p>
      {mayManage && <Button onClick={onRestore}>{t('restore')}</Button>}
      {mayManage && onPurge && (
        <Button look="danger" onClick={onPurge}>
          {t('purge')}
        </Button>
      )}
    </div>
  );
}

/** Whether an image is in the bin, by itself or with its generation. One that was deleted for good is in no bin. */
export function isBinned(record: GenerationRecord, image: Pick<ImageRecord, 'deleted_at' | 'state'> | null): boolean {
  if (record.deleted_at !== null) return true;
  return image !== null && image.deleted_at !== null && image.state !== 'deleted';
}
