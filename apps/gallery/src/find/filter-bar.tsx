import { Suspense, type ReactNode } from 'react';
import { useSettled } from '../page/settled.ts';
import styles from './filter-bar.module.css';
import { late } from '../ui/late.ts';

const FilterBarContent = late(async () => (await import('./filter-bar-content.tsx')).FilterBarContent);

/** The filters of the library. They arrive after the first images, in a place that is kept for them. */
export function FilterBar(): ReactNode {
  const isSettled = useSettled();
  return (
    <div className={styles['place']}>
      <Suspense>{isSettled && <FilterBarContent />}</Suspense>
    </div>
  );
}
