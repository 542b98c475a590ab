import { Link } from '@tanstack/react-router';
import type { GenerationRecord } from '@wan-image/core';
import type { ReactNode } from 'react';
import { useFormatter } from 'use-intl';
import styles from './activity.module.css';

export interface RecordRowProps {
  readonly record: GenerationRecord;
  /** What is to be said about it. */
  readonly children: ReactNode;
  /** Buttons and links. */
  readonly actions: ReactNode;
}

/** A generation: its prompt leads to its record. */
export function RecordRow({ record, children, actions }: RecordRowProps): ReactNode {
  const format = useFormatter();
  const { size } = record.request;
  return (
    <li className={styles['row']}>
      <div className={styles['texts']}>
        <Link to="/generations/$id" params={{ id: record.id }} className={styles['prompt']}>
          {record.prompt}
        </Link>
        {children}
        <p className={styles['facts']}>
          <time dateTime={record.created_at}>
            {format.dateTime(new Date(record.created_at), { dateStyle: 'medium', timeStyle: 'short' })}
          </time>
          <span>{record.model}</span>
          {typeof size === 'string' && <span>{size}</span>}
          <span>{record.source}</span>
        </p>
      </div>
      <div className={styles['actions']}>{actions}</div>
    </li>
  );
}

/** Characters of a prompt in the name of a button, which a screen reader reads out. */
const NAME_LENGTH = 60;

/** A prompt, short enough to tell one button from another. */
export function shortPrompt({ prompt }: GenerationRecord): string {
  const characters = Array.from(prompt);
  return characters.length <= NAME_LENGTH ? prompt : `${characters.slice(0, NAME_LENGTH).join('')}…`;
}
