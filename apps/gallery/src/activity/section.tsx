import { useId, type ReactNode } from 'react';
import { Loading, ProblemMessage } from '../ui/message.tsx';
import styles from './activity.module.css';

export interface SectionProps {
  readonly title: string;
  readonly lead?: string | null | undefined;
  readonly query: SectionQuery;
  /** What is shown when there is nothing. */
  readonly empty: ReactNode;
  readonly isEmpty: boolean;
  /** What is shown else. */
  readonly children: ReactNode;
}

interface SectionQuery {
  readonly isPending: boolean;
  readonly data: unknown;
  readonly error: unknown;
  refetch(): unknown;
}

/** A part of the page. What it has read stays in sight when reading it again fails: the frame says that the connection is lost. */
export function Section({ title, lead, query, empty, isEmpty, children }: SectionProps): ReactNode {
  const id = useId();
  return (
    <section aria-labelledby={id} className={styles['section']}>
      <h2 id={id}>{title}</h2>
      {!isEmpty && lead && <p className={styles['lead']}>{lead}</p>}
      {query.isPending && <Loading />}
      {query.data === undefined && query.error ? (
        <ProblemMessage error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        query.data !== undefined && (isEmpty ? <p className={styles['empty']}>{empty}</p> : children)
      )}
    </section>
  );
}
