import type { GenerationRecord } from '@wan-image/core';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { useNow } from '../ui/use-now.ts';
import styles from './results.module.css';
import { elapsedSince } from './server-time.ts';
import type { UsualTime } from './usual-time.ts';

export interface ProgressProps {
  readonly record: GenerationRecord;
  readonly usual: UsualTime | null;
}

/** How long it has taken, against how long this model usually takes: the upstream does not say how far it is, so the page does not either. */
export function Progress({ record, usual }: ProgressProps): ReactNode {
  const t = useTranslations('create');
  const duration = useDuration();
  const now = useNow();
  // The usual time begins when the request is sent; waiting is not part of it.
  const isSent = record.sent_at !== null;
  const elapsed = elapsedSince(record.sent_at ?? record.created_at, now);
  const isSlow = usual !== null && isSent && elapsed > usual.long;
  return (
    <div className={styles['progress']}>
      {isSent && usual !== null && !isSlow ? (
        <progress max={usual.long} value={elapsed} aria-label={t('progress')} />
      ) : (
        <progress aria-label={t('progress')} />
      )}
      <p className={styles['time']}>
        <span className={styles['elapsed']}>{duration(elapsed)}</span>
        {usual !== null && isSent && (
          <span>
            {isSlow
              ? t('slow', { long: duration(usual.long) })
              : t('usual', { typical: duration(usual.typical), long: duration(usual.long) })}
          </span>
        )}
      </p>
    </div>
  );
}

/** In whole seconds. */
function useDuration(): (milliseconds: number) => string {
  const t = useTranslations('create');
  return (milliseconds) => {
    const seconds = Math.max(1, Math.round(milliseconds / 1000));
    return seconds < 60
      ? t('seconds', { seconds })
      : t('minutes', { minutes: Math.floor(seconds / 60), seconds: seconds % 60 });
  };
}
