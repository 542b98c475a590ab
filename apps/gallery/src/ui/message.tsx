import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { useProblemText } from '../api/problem.ts';
import { Button } from './button.tsx';
import styles from './message.module.css';

export interface MessageProps {
  readonly title: string;
  readonly detail?: ReactNode;
  /** Buttons or links. */
  readonly children?: ReactNode;
}

/** What fills a place that has nothing to show, in its middle. */
export function Message({ title, detail, children }: MessageProps): ReactNode {
  return (
    <div className={styles['message']}>
      <h2 className={styles['title']}>{title}</h2>
      {detail !== undefined && detail !== null && <p className={styles['detail']}>{detail}</p>}
      {children !== undefined && <div className={styles['actions']}>{children}</div>}
    </div>
  );
}

export interface ProblemMessageProps {
  readonly error: unknown;
  readonly onRetry?: (() => void) | undefined;
}

/** Why a place could not be filled, and what to do. */
export function ProblemMessage({ error, onRetry }: ProblemMessageProps): ReactNode {
  const t = useTranslations('app');
  const { title, detail } = useProblemText()(error);
  return (
    <div role="alert">
      <Message title={title} detail={detail}>
        {onRetry && <Button onClick={onRetry}>{t('retry')}</Button>}
      </Message>
    </div>
  );
}

/** Shown only after a moment, so that what is quick does not flicker. */
export function Loading(): ReactNode {
  const t = useTranslations('app');
  return (
    <p role="status" className={styles['loading']}>
      {t('loading')}
    </p>
  );
}
