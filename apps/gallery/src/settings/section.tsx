import { useId, type ReactNode } from 'react';
import styles from './settings.module.css';

/** A part of the settings. */
export function Section({ title, children }: { readonly title: string; readonly children: ReactNode }): ReactNode {
  const id = useId();
  return (
    <section aria-labelledby={id} className={styles['section']}>
      <h2 id={id} className={styles['title']}>
        {title}
      </h2>
      <div className={styles['content']}>{children}</div>
    </section>
  );
}
