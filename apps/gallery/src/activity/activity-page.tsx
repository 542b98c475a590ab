import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import styles from './activity.module.css';
import { Failed } from './failed.tsx';
import { InProgress } from './in-progress.tsx';
import { Jobs } from './jobs.tsx';
import { Unknown } from './unknown.tsx';

/** What is being generated, what went wrong and what to do about it, and the long work of the service. */
export function ActivityPage(): ReactNode {
  const ta = useTranslations('app');
  return (
    <div className={styles['page']}>
      <h1>{ta('activity')}</h1>
      <InProgress />
      <Unknown />
      <Failed />
      <Jobs />
    </div>
  );
}
