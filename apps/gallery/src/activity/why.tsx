import type { GenerationRecord } from '@wan-image/core';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import styles from './activity.module.css';
import { causeOf } from '../generations/cause.ts';

/** Why a generation failed, what to do, and the message of the service. */
export function Why({ record }: { readonly record: GenerationRecord }): ReactNode {
  const t = useTranslations('activity');
  const cause = causeOf(record);
  const kept = record.images.filter(({ state }) => state !== 'deleted').length;
  // What to find out about a bill is said of what may have been billed only.
  const isAboutBill = record.outcome !== 'unknown' && ABOUT_BILL.has(cause);
  return (
    <div className={styles['why']}>
      <p>
        <strong>{t(`causes.${cause}`)}</strong> {record.outcome === 'billed' && t('billedImages', { count: kept })}
        {record.outcome === 'not_billed' && t('notBilledNote')} {!isAboutBill && t(`causes.${cause}Hint`)}
      </p>
      {record.error && <p className={styles['said']}>{record.error.message}</p>}
    </div>
  );
}

const ABOUT_BILL = new Set([
  'connection_lost',
  'timed_out',
  'server_failed',
  'unreadable_response',
  'interrupted',
  'canceled',
]);
