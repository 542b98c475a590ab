import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { BackgroundJob } from '@wan-image/core';
import type { ReactNode } from 'react';
import { useFormatter, useTranslations } from 'use-intl';
import { client } from '../api/client.ts';
import { useMay } from '../api/service.ts';
import { Button } from '../ui/button.tsx';
import { showToast, useShowProblem } from '../ui/toasts.tsx';
import styles from './activity.module.css';
import { Section } from './section.tsx';
import { ACTIVITY_KEY } from '../api/keys.ts';

const BUSY_MS = 2_000;
const CALM_MS = 15_000;

/** Those that have ended long ago are of no interest. */
const MAX_SHOWN = 20;

/** The long work of the service: bulk changes, indexing, retention. */
export function Jobs(): ReactNode {
  const t = useTranslations('activity');
  const query = useQuery({
    queryKey: [...ACTIVITY_KEY, 'jobs'],
    queryFn: ({ signal }) => client.jobs({ signal }),
    refetchInterval: ({ state }) => (state.data?.data.some(isActive) === true ? BUSY_MS : CALM_MS),
    staleTime: 0,
  });
  const jobs = (query.data?.data ?? []).slice(0, MAX_SHOWN);
  return (
    <Section title={t('jobs')} query={query} isEmpty={jobs.length === 0} empty={t('nothingJobs')}>
      <ul className={styles['list']}>
        {jobs.map((job) => (
          <Job key={job.id} job={job} />
        ))}
      </ul>
    </Section>
  );
}

function Job({ job }: { readonly job: BackgroundJob }): ReactNode {
  const t = useTranslations('activity');
  const format = useFormatter();
  const mayManage = useMay('manage');
  const cancel = useCancelJob();
  const name = useKind(job.kind);
  return (
    <li className={styles['row']}>
      <div className={styles['texts']}>
        <p className={styles['name']}>
          {name} <span className={styles['state']}>{t(`states.${job.state}`)}</span>
        </p>
        {isActive(job) ? <Progress job={job} name={name} /> : <Result job={job} />}
        <p className={styles['facts']}>
          <time dateTime={job.created_at}>
            {format.dateTime(new Date(job.created_at), { dateStyle: 'medium', timeStyle: 'short' })}
          </time>
        </p>
      </div>
      <div className={styles['actions']}>
        {mayManage && isActive(job) && (
          <Button
            aria-label={t('cancelJobOf', { name })}
            disabled={cancel.isPending}
            onClick={() => cancel.mutate(job.id)}
          >
            {t('cancelJob')}
          </Button>
        )}
      </div>
    </li>
  );
}

function Progress({ job, name }: { readonly job: BackgroundJob; readonly name: string }): ReactNode {
  const t = useTranslations('activity');
  const { done, total } = job;
  return (
    <p className={styles['work']}>
      <progress
        aria-label={t('progressName', { name })}
        className={styles['meter']}
        {...(total !== null && { max: Math.max(total, 1), value: done })}
      />
      {total === null ? t('progressUnknown', { done }) : t('progress', { done, total })}
    </p>
  );
}

/** What a job has counted; what a later version counts is left to its API. */
const COUNTS = ['matched', 'changed', 'skipped', 'deleted', 'images', 'inputs', 'records', 'bin', 'imported'] as const;

function Result({ job }: { readonly job: BackgroundJob }): ReactNode {
  const t = useTranslations('activity');
  if (job.error) return <p className={styles['said']}>{job.error.message}</p>;
  const counts = COUNTS.flatMap((name) => {
    const count = job.result?.[name];
    return typeof count === 'number' ? [t(`results.${name}`, { count })] : [];
  });
  return <p className={styles['said']}>{counts.join(', ')}</p>;
}

const KINDS = ['bulk', 'reindex', 'statistics', 'retention', 'export', 'import'] as const;

function useKind(kind: string): string {
  const t = useTranslations('activity.kinds');
  const known = KINDS.find((one) => one === kind);
  return known === undefined ? t('other', { kind }) : t(known);
}

function useCancelJob() {
  const t = useTranslations('activity');
  const queries = useQueryClient();
  const showProblem = useShowProblem();
  return useMutation({
    mutationFn: (id: string) => client.cancelJob(id),
    onSuccess: () => showToast({ title: t('jobCanceled') }),
    onError: showProblem,
    onSettled: () => queries.invalidateQueries({ queryKey: ACTIVITY_KEY }),
  });
}

function isActive({ state }: BackgroundJob): boolean {
  return state === 'queued' || state === 'running';
}
