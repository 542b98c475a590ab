import type { GenerationRecord } from '@wan-image/core';
import { Link, useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { useMay } from '../api/service.ts';
import { CancelButton } from '../generations/cancel-button.tsx';
import { isInFlight } from '../generations/state.ts';
import { Button } from '../ui/button.tsx';
import { cardIdOf } from './card-id.ts';
import { mayRetry, useFailureText } from './failure.ts';
import { ImageSlots } from './image-slots.tsx';
import { MODEL_TEXTS } from './model-names.ts';
import { Progress } from './progress.tsx';
import styles from './results.module.css';
import { RetryButton } from './retry-button.tsx';
import { imagesOf, settingsOf } from './settings.ts';
import { useFollow } from './use-follow.ts';
import type { UsualTime } from './usual-time.ts';

export interface GenerationCardProps {
  readonly record: GenerationRecord;
  readonly usual: UsualTime | null;
  /** Whether its events are read. */
  readonly isStreamed: boolean;
}

/** One generation: how far it is, its images, what went wrong, and what can be done with it. */
export function GenerationCard({ record, usual, isStreamed }: GenerationCardProps): ReactNode {
  const t = useTranslations('create');
  useFollow(record.id, isStreamed);
  const settings = settingsOf(record);
  return (
    <li id={cardIdOf(record.id)} className={styles['card']}>
      <article aria-label={record.prompt}>
        <header className={styles['header']}>
          <p className={styles['prompt']} title={record.prompt}>
            {record.prompt}
          </p>
          <p className={styles['facts']}>
            {[
              t(`states.${record.state}`),
              t(`models.${MODEL_TEXTS[record.model]}`),
              settings.size.replace('x', ' × '),
              ...(settings.isSet ? [t('upTo', { count: settings.setSize })] : []),
              settings.isSeedLocked && `${t('seed')} ${settings.seed}`,
              countOf(record, t),
            ]
              .filter(Boolean)
              .join(' · ')}
          </p>
        </header>
        {isInFlight(record) && <Progress record={record} usual={usual} />}
        <ImageSlots record={record} />
        <Failure record={record} />
        <Actions record={record} />
      </article>
    </li>
  );
}

/** Fewer images than were asked for is worth a word; in a set it is the choice of the model. */
function countOf(record: GenerationRecord, t: ReturnType<typeof useTranslations<'create'>>): string | null {
  const settings = settingsOf(record);
  const count = record.images.length;
  const isFewer = record.state === 'succeeded' && !settings.isSet && count < imagesOf(settings);
  return isFewer ? t('fewer', { count, wanted: imagesOf(settings) }) : null;
}

/** Why there is no image, what it cost, and what to do. */
function Failure({ record }: { readonly record: GenerationRecord }): ReactNode {
  const t = useTranslations('create');
  const textOf = useFailureText();
  const { state, outcome } = record;
  if (state === 'canceled') return <p className={styles['note']}>{t(`canceledOutcome.${outcome ?? 'unknown'}`)}</p>;
  if (state !== 'failed') return null;
  const { title, hint } = textOf(record);
  const cost = { billed: t('billed'), not_billed: t('notBilled'), unknown: t('unknown') }[outcome ?? 'unknown'];
  return (
    <div className={styles['failure']} data-unknown={outcome === 'unknown' || undefined}>
      <p>
        <strong>{title}</strong> {hint} <span className={styles['cost']}>{cost}</span>
      </p>
      {record.error !== null && <p className={styles['said']}>{record.error.message}</p>}
    </div>
  );
}

function Actions({ record }: { readonly record: GenerationRecord }): ReactNode {
  const t = useTranslations('create');
  const app = useTranslations('app');
  const navigate = useNavigate();
  const mayGenerate = useMay('generate');
  return (
    <div className={styles['actions']}>
      {mayGenerate && (
        <CancelButton record={record} isShown={isInFlight(record)}>
          {app('cancel')}
        </CancelButton>
      )}
      {mayRetry(record) && mayGenerate && <RetryButton record={record} />}
      {mayGenerate && (
        <Button onClick={() => void navigate({ to: '/create', search: { from: record.id } })}>{t('reuse')}</Button>
      )}
      <Link className={styles['details']} to="/generations/$id" params={{ id: record.id }}>
        {t('details')}
      </Link>
    </div>
  );
}
