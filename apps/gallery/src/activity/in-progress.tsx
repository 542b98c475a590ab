import { Link } from '@tanstack/react-router';
import type { GenerationRecord } from '@wan-image/core';
import { useState, type ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { useMay } from '../api/service.ts';
import { CancelButton } from '../generations/cancel-button.tsx';
import { CancelDialog } from '../generations/cancel-dialog.tsx';
import { useNow } from '../ui/use-now.ts';
import styles from './activity.module.css';
import { RecordRow, shortPrompt } from './record-row.tsx';
import { Section } from './section.tsx';
import { useElapsed } from './use-elapsed.ts';
import { useInProgress } from './use-records.ts';

/** The queue: what waits and what runs, with how long it has. */
export function InProgress(): ReactNode {
  const t = useTranslations('activity');
  const query = useInProgress();
  const mayGenerate = useMay('generate');
  const [asked, setAsked] = useState<GenerationRecord | null>(null);
  const records = query.data?.data ?? [];
  return (
    <>
      <Section
        title={t('inProgress')}
        query={query}
        isEmpty={records.length === 0}
        empty={
          <>
            {t('nothingInProgress')} {mayGenerate && <Link to="/create">{t('createHint')}</Link>}
          </>
        }
      >
        <ul className={styles['list']}>
          {records.map((record) => (
            <Running key={record.id} record={record} onAsk={mayGenerate ? setAsked : null} />
          ))}
        </ul>
        {query.data?.has_more === true && <p className={styles['lead']}>{t('moreInProgress')}</p>}
      </Section>
      {/* Not within the row, which goes as soon as the generation ends. */}
      {asked && <CancelDialog record={asked} onClose={() => setAsked(null)} />}
    </>
  );
}

interface RunningProps {
  readonly record: GenerationRecord;
  /** Asks before it is canceled; null for who may not. */
  readonly onAsk: ((record: GenerationRecord) => void) | null;
}

function Running({ record, onAsk }: RunningProps): ReactNode {
  const t = useTranslations('activity');
  const now = useNow();
  const elapsed = useElapsed();
  const time = elapsed(now - Date.parse(record.sent_at ?? record.created_at));
  return (
    <RecordRow
      record={record}
      actions={
        onAsk && (
          <CancelButton record={record} onAsk={onAsk} label={t('cancelOf', { prompt: shortPrompt(record) })}>
            {t('cancel')}
          </CancelButton>
        )
      }
    >
      <p className={styles['progress']} data-state={record.state}>
        {t(record.sent_at === null ? 'queuedSince' : 'running', { time })}
      </p>
    </RecordRow>
  );
}
