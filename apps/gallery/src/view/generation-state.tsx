import type { GenerationRecord } from '@wan-image/core';
import { useEffect, useState, type ReactNode } from 'react';
import { useFormatter, useTranslations } from 'use-intl';
import { useCause } from '../generations/use-cause.ts';
import type { Messages } from '../i18n/en/index.ts';
import styles from './generation-page.module.css';
import { useCostText } from './outcome-facts.tsx';
import { ResolveOutcome } from './resolve-outcome.tsx';

/** What happened, what it cost, and what to do. */
export function GenerationState({ record }: { readonly record: GenerationRecord }): ReactNode {
  const t = useTranslations('view');
  const { state, outcome, error } = record;
  return (
    <section className={styles['state']} aria-live="polite">
      <p className={styles['stateName']} data-state={state} data-outcome={outcome}>
        {t(`states.${state}`)}
        {state === 'running' && <Elapsed since={record.sent_at ?? record.created_at} />}
      </p>
      {error !== null && <Cause record={record} />}
      <p className={styles['detail']}>{useStateText()(record)}</p>
      <p className={styles['secondary']}>{t('costLine', { cost: useCostText()(record) })}</p>
      {outcome === 'unknown' && <ResolveOutcome record={record} />}
    </section>
  );
}

function Cause({ record }: { readonly record: GenerationRecord }): ReactNode {
  const { title, hint } = useCause()(record);
  return (
    <>
      <p className={styles['detail']}>
        <strong>{title}.</strong> {hint}
      </p>
      <p className={styles['secondary']}>{record.error?.message}</p>
    </>
  );
}

type StateText = Exclude<keyof Messages['view']['stateText'], 'succeeded'>;

/** What a state means for whoever pays. */
function useStateText(): (record: GenerationRecord) => string {
  const t = useTranslations('view');
  return (record) =>
    record.state === 'succeeded'
      ? t('stateText.succeeded', { count: record.images.length })
      : t(`stateText.${stateTextOf(record)}`);
}

function stateTextOf({ state, outcome, upstream }: GenerationRecord): StateText {
  if (outcome === 'unknown') return upstream.simulated ? 'unknownSimulated' : 'unknown';
  if (state === 'queued' || state === 'running') return state;
  if (state === 'canceled') return outcome === 'billed' ? 'canceledBilled' : 'canceledFree';
  return outcome === 'billed' ? 'failedBilled' : 'failedFree';
}

/** Seconds since then. It is no part of what screen readers announce. */
function Elapsed({ since }: { readonly since: string }): ReactNode {
  const format = useFormatter();
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  const seconds = Math.max(0, Math.round((now - Date.parse(since)) / 1000));
  return (
    <span aria-hidden="true" className={styles['secondary']}>
      {format.number(seconds, { style: 'unit', unit: 'second' })}
    </span>
  );
}
