import { useQuery } from '@tanstack/react-query';
import type { Retention } from '@wan-image/core';
import type { ReactNode } from 'react';
import { useFormatter, useTranslations } from 'use-intl';
import { client } from '../api/client.ts';
import { useProblemText } from '../api/problem.ts';
import { Button } from '../ui/button.tsx';
import { Loading } from '../ui/message.tsx';
import { Section } from './section.tsx';
import styles from './settings.module.css';

/** How long the project keeps what was generated, in words. */
export function RetentionSection(): ReactNode {
  const t = useTranslations('settings');
  const ta = useTranslations('app');
  const textOf = useProblemText();
  const query = useQuery({ queryKey: ['retention'], queryFn: ({ signal }) => client.retention.get({ signal }) });
  return (
    <Section title={t('retention')}>
      {query.isPending && <Loading />}
      {query.data && <Policy policy={query.data} />}
      {query.data === undefined && query.error && (
        <div role="alert">
          <p>{textOf(query.error).title}</p>
          <Button onClick={() => void query.refetch()}>{ta('retry')}</Button>
        </div>
      )}
      <p className={styles['hint']}>{t('retentionHint')}</p>
    </Section>
  );
}

function Policy({ policy }: { readonly policy: Retention }): ReactNode {
  const t = useTranslations('settings');
  const format = useFormatter();
  const rules = useRules(policy);
  const ranAt = policy.last_run?.finished_at;
  if (rules.length === 0) return <p>{t('keepsAll')}</p>;
  return (
    <ul>
      {rules.map((rule) => (
        <li key={rule}>{rule}</li>
      ))}
      {ranAt && (
        <li>{t('lastRun', { time: format.dateTime(new Date(ranAt), { dateStyle: 'medium', timeStyle: 'short' }) })}</li>
      )}
    </ul>
  );
}

/** What the policy deletes, then what stays in spite of that; nothing if it deletes nothing. */
function useRules({ images, inputs, records, bin_days, keep_favorites, keep_tags }: Retention): readonly string[] {
  const t = useTranslations('settings');
  const format = useFormatter();
  const limits: readonly (readonly [limit: number | null, text: (count: number) => string])[] = [
    [images.max_age_days, (count) => t('imagesDays', { count })],
    [images.max_bytes, (bytes) => t('imagesBytes', { size: sizeOf(format, bytes) })],
    [inputs.max_age_days, (count) => t('inputsDays', { count })],
    [records.max_age_days, (count) => t('recordsDays', { count })],
    [records.max_count, (count) => t('recordsCount', { count })],
    [bin_days, (count) => t('binDays', { count })],
  ];
  const deleting = limits.flatMap(([limit, text]) => (limit === null ? [] : [text(limit)]));
  if (deleting.length === 0) return [];
  const tags = format.list(keep_tags.map((tag) => `“${tag}”`));
  return [
    ...deleting,
    t(keep_favorites ? 'keepsFavorites' : 'losesFavorites'),
    ...(keep_tags.length > 0 ? [t('keepsTags', { tags })] : []),
  ];
}

const GIGABYTE = 1e9;

function sizeOf(format: ReturnType<typeof useFormatter>, bytes: number): string {
  const isLarge = bytes >= GIGABYTE;
  return format.number(bytes / (isLarge ? GIGABYTE : 1e6), {
    style: 'unit',
    unit: isLarge ? 'gigabyte' : 'megabyte',
    maximumFractionDigits: 1,
  });
}
