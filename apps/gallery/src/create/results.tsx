import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useEffectEvent, useRef, useState, type ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { generationKey, libraryKeys } from '../api/keys.ts';
import { useMay } from '../api/service.ts';
import { isChanging, isInFlight } from '../generations/state.ts';
import { Loading, ProblemMessage } from '../ui/message.tsx';
import { GenerationCard } from './generation-card.tsx';
import { useRecent, type Recent } from './recent.ts';
import styles from './results.module.css';
import { MAX_STREAMS } from './use-follow.ts';
import { useUsualTimes } from './usual-time.ts';

/** What is being generated and what was generated lately, newest first. */
export function Results(): ReactNode {
  const t = useTranslations('create');
  const queries = useQueryClient();
  const recent = useRecent(queries, useMay('read'));
  const usual = useUsualTimes();
  const records = recent.data ?? [];
  useLibraryRefresh(recent.data);
  const streamed = new Set(
    records
      .filter(isChanging)
      .slice(0, MAX_STREAMS)
      .map(({ id }) => id),
  );
  return (
    <section className={styles['results']} aria-label={t('results')}>
      <Status records={records} />
      {recent.data === undefined &&
        (recent.error ? <ProblemMessage error={recent.error} onRetry={() => void recent.refetch()} /> : <Loading />)}
      {recent.data !== undefined && recent.error && <p className={styles['stale']}>{t('waitingTooLong')}</p>}
      {recent.data?.length === 0 && <p className={styles['empty']}>{t('resultsEmpty')}</p>}
      <ol className={styles['list']}>
        {records.map((record) => (
          <GenerationCard
            key={record.id}
            record={record}
            usual={usual.get(record.model) ?? null}
            isStreamed={streamed.has(record.id)}
          />
        ))}
      </ol>
    </section>
  );
}

/** Says to a screen reader how many are in flight, and when one has ended. */
function Status({ records }: { readonly records: Recent }): ReactNode {
  const t = useTranslations('create');
  const count = records.filter(isInFlight).length;
  const images = records.find((record) => !isInFlight(record))?.images.length ?? 0;
  const [wasBusy, setWasBusy] = useState(false);
  if (count > 0 && !wasBusy) setWasBusy(true);
  return (
    <p role="status" className="visually-hidden">
      {count > 0 ? t('inFlight', { count }) : wasBusy && t('finished', { count: images })}
    </p>
  );
}

/** What has ended meanwhile is in the library too: its lists are read again. */
function useLibraryRefresh(records: Recent | undefined): void {
  const queries = useQueryClient();
  // Null before the list was read: what has ended by then is in the library.
  const known = useRef<ReadonlySet<string> | null>(null);
  const ended = records?.filter((record) => !isChanging(record)).map(({ id }) => id);
  const refresh = useEffectEvent((ids: readonly string[]) => {
    void queries.invalidateQueries({ queryKey: libraryKeys.all });
    for (const id of ids) void queries.invalidateQueries({ queryKey: generationKey(id) });
  });
  const list = ended?.join(' ');
  useEffect(() => {
    if (list === undefined) return;
    const all = list.split(' ').filter((id) => id !== '');
    const fresh = known.current === null ? [] : all.filter((id) => known.current?.has(id) !== true);
    known.current = new Set(all);
    if (fresh.length > 0) refresh(fresh);
  }, [list]);
}
