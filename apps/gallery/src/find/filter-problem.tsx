import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { useProblemText } from '../api/problem.ts';
import { Button } from '../ui/button.tsx';
import styles from './filter-menu.module.css';

/** Why the choices of a filter could not be read. */
export function FilterProblem({
  error,
  onRetry,
}: {
  readonly error: unknown;
  readonly onRetry: () => void;
}): ReactNode {
  const ta = useTranslations('app');
  const textOf = useProblemText();
  if (!error) return null;
  return (
    <div role="alert" className={styles['problem']}>
      <p>{textOf(error).title}</p>
      <Button onClick={onRetry}>{ta('retry')}</Button>
    </div>
  );
}
