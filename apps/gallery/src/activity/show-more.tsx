import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { Button } from '../ui/button.tsx';
import styles from './activity.module.css';

export interface ShowMoreProps {
  readonly query: {
    readonly hasNextPage: boolean;
    readonly isFetchingNextPage: boolean;
    fetchNextPage(): unknown;
  };
}

/** Asks for the next page of a list. */
export function ShowMore({ query }: ShowMoreProps): ReactNode {
  const t = useTranslations('activity');
  if (!query.hasNextPage) return null;
  return (
    <div className={styles['more']}>
      <Button disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
        {t('showMore')}
      </Button>
    </div>
  );
}
