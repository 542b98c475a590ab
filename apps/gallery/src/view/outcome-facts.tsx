import type { GenerationRecord, ImageRecord } from '@wan-image/core';
import type { ReactNode } from 'react';
import { useFormatter, useTranslations } from 'use-intl';
import { Fact } from './fact.tsx';
import styles from './facts.module.css';

export interface OutcomeFactsProps {
  readonly record: GenerationRecord;
  readonly image: ImageRecord | null;
}

/** What happened, what it cost, and by which names it is known elsewhere. */
export function OutcomeFacts({ record, image }: OutcomeFactsProps): ReactNode {
  const t = useTranslations('view');
  const format = useFormatter();
  const warning = image?.warning ?? null;
  const { id, state, outcome, upstream, source, api_key, created_at, duration_ms, user, metadata } = record;
  return (
    <section>
      <h2>{t('outcome')}</h2>
      <dl className={styles['list']}>
        <Fact name={t('state')}>{t(`states.${state}`)}</Fact>
        {!upstream.simulated && <Fact name={t('billing')}>{t(`billings.${outcome ?? 'open'}`)}</Fact>}
        <Fact name={t('cost')}>{useCostText()(record)}</Fact>
        <Fact name={t('created')}>
          <time dateTime={created_at}>
            {format.dateTime(new Date(created_at), { dateStyle: 'medium', timeStyle: 'medium' })}
          </time>
        </Fact>
        {duration_ms !== null && (
          <Fact name={t('duration')}>
            {format.number(duration_ms / 1000, { style: 'unit', unit: 'second', maximumFractionDigits: 1 })}
          </Fact>
        )}
        {warning !== null && <Fact name={t('warning')}>{warning}</Fact>}
        <Fact name={t('source')}>{source}</Fact>
        {api_key !== null && (
          <Fact name={t('apiKey')} copied={api_key.id}>
            <span className={styles['code']}>{api_key.id}</span>
          </Fact>
        )}
        {user !== null && (
          <Fact name={t('user')} copied={user}>
            {user}
          </Fact>
        )}
        {Object.entries(metadata ?? {}).map(([name, value]) => (
          <Fact key={name} name={`${t('metadata')}: ${name}`}>
            {String(value)}
          </Fact>
        ))}
        <Identifier name={t('id')} value={id} />
        {image !== null && <Identifier name={t('imageId')} value={image.id} />}
        {upstream.request_id !== null && <Identifier name={t('requestId')} value={upstream.request_id} />}
        {upstream.status !== null && <Fact name={t('status')}>{upstream.status}</Fact>}
        {upstream.attempts !== null && upstream.attempts !== 1 && <Fact name={t('attempts')}>{upstream.attempts}</Fact>}
        {upstream.message !== null && <Fact name={t('upstreamMessage')}>{upstream.message}</Fact>}
      </dl>
    </section>
  );
}

function Identifier({ name, value }: { readonly name: string; readonly value: string }): ReactNode {
  return (
    <Fact name={name} copied={value}>
      <span className={styles['code']}>{value}</span>
    </Fact>
  );
}

/** What a generation cost. A model without a price is not free. */
export function useCostText(): (record: GenerationRecord) => string {
  const t = useTranslations('view');
  const format = useFormatter();
  return ({ cost, outcome, upstream }) => {
    if (upstream.simulated) return t('costSimulated');
    if (outcome === null) return t('costOpen');
    if (outcome === 'not_billed') return t('costNothing');
    if (cost === null) return t('costUnset');
    const price = format.number(Number(cost.amount), {
      style: 'currency',
      currency: cost.currency,
      maximumFractionDigits: 6,
    });
    return outcome === 'unknown' ? t('costMost', { price }) : price;
  };
}
