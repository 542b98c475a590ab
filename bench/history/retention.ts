import { setTimeout as sleep } from 'node:timers/promises';
import { below, randomOf } from '@wan-image/testing/random-response';
import type pg from 'pg';
import { quantile, row, rowOfMore, type Row } from '../support/report.ts';
import { print } from '../support/results.ts';
import { generationAt, MONTHS, projectIds, randomProject } from './generations.ts';
import { writeGeneration } from './ingest.ts';
import { workOf } from './measured.ts';
import type { Reader } from './reader.ts';
import { withClient } from './server.ts';
import { ledger, openServiceDatabase } from './service-code.ts';

const WRITERS = 4;
const READERS = 2;

/** Between two requests of each: a service that is used, not one at its limit, whose longest request would be chance. */
const PAUSE_MS = 20;
const WARM_UP_MS = 3_000;

/** The oldest quarter. */
const MAX_AGE_DAYS = Math.round((MONTHS * 0.75 * 365.25) / 12);

export interface RetentionRun {
  readonly generations: number;
  readonly isDeleting: boolean;
  readonly seconds: number;
  readonly deleted: number;
  readonly lists: readonly number[];
  readonly writes: readonly number[];
}

/**
 * Lists and writes on a running service until the policy of all projects has been carried out or, without a policy, for as long as that took
 * before: the longest of more requests would be longer.
 */
export async function measureRetention(
  url: string,
  rows: number,
  { openReader, seconds }: { readonly openReader: () => Reader; readonly seconds: number | null },
): Promise<RetentionRun> {
  const { LedgerRepository } = await ledger();
  const database = await openServiceDatabase(url);
  const load = { lists: [] as number[], writes: [] as number[], isOver: false, isMeasured: false };
  const timed = async (into: number[], work: () => Promise<unknown>): Promise<void> => {
    while (!load.isOver) {
      const started = performance.now();
      await work();
      if (load.isMeasured) into.push(performance.now() - started);
      await sleep(PAUSE_MS);
    }
  };
  try {
    const writes = new LedgerRepository(database.dataSource);
    const projects = projectIds();
    const writing = Array.from({ length: WRITERS }, (_, writer) => {
      const random = randomOf(200 + writer);
      return timed(load.writes, () =>
        writeGeneration(writes, generationAt(random, new Date(), randomProject(random, projects), null)),
      );
    });
    const reading = Array.from({ length: READERS }, async (_, number) => {
      const random = randomOf(300 + number);
      using reader = openReader();
      await timed(load.lists, () =>
        reader.list(below(random, 2) === 0 ? 'generations' : 'images', {
          project_id: random() < 0.5 ? 'all' : randomProject(random, projects),
          limit: '50',
        }),
      );
    });
    await sleep(WARM_UP_MS);
    load.isMeasured = true;
    const started = performance.now();
    const deleted = await withClient(url, async (client) => {
      if (seconds !== null) await sleep(seconds * 1000);
      return seconds === null ? deleteOldest(client) : 0;
    });
    const took = (performance.now() - started) / 1000;
    load.isOver = true;
    await Promise.all([...writing, ...reading]);
    const { lists, writes: written } = load;
    return { generations: rows, isDeleting: seconds === null, seconds: took, deleted, lists, writes: written };
  } finally {
    load.isOver = true;
    await database.close();
  }
}

/** Sets a policy for each project, and waits until all have been carried out. Returns how many generations went. */
async function deleteOldest(client: pg.Client): Promise<number> {
  const policy = {
    images: { max_age_days: null, max_bytes: null },
    inputs: { max_age_days: null },
    records: { max_age_days: MAX_AGE_DAYS, max_count: null },
    bin_days: null,
    keep_favorites: false,
    keep_tags: [],
  };
  await client.query(
    `insert into retention_policy (project_id, policy, has_limits, updated_at, due_at)
     select id, $1, true, now(), now() from project`,
    [policy],
  );
  for (let second = 1; ; second++) {
    await sleep(1000);
    const { rows } = await client.query<{ open: number; due: number; deleted: number }>(
      `select count(*) filter (where state in ('queued', 'running'))::int as open,
         coalesce(sum((progress -> 'result' ->> 'records')::int), 0)::int as deleted,
         (select count(*)::int from retention_policy where has_limits and due_at <= now()) as due
       from background_job where kind = 'retention'`,
    );
    const [{ open, due, deleted } = { open: 1, due: 1, deleted: 0 }] = rows;
    if (second % 60 === 0) print(`retention: ${deleted} generations deleted, ${due} projects to go\n`);
    if (open === 0 && due === 0) return deleted;
  }
}

export function rowsOfRetention(deleting: RetentionRun, idle: RetentionRun): Row[] {
  const work = workOf(`lists and writes while ${deleting.deleted.toLocaleString('en')} go`, deleting.generations);
  const peer = 'without retention';
  const of = (kind: 'lists' | 'writes', name: string): Row[] => {
    const longest = Math.max(...deleting[kind]);
    return [
      row({
        work,
        measure: `${name}, p99`,
        value: quantile(deleting[kind], 0.99),
        unit: 'ms',
        peer: null,
        target: null,
      }),
      row({ work, measure: `${name}, longest`, value: longest, unit: 'ms', peer: null, target: null }),
      row({ work, measure: `${name}, longest`, value: longest / Math.max(...idle[kind]), unit: 'x', peer, target: 2 }),
    ];
  };
  const perSecond = deleting.deleted / deleting.seconds;
  return [
    rowOfMore({ work, measure: 'deleted', value: perSecond, unit: '/s', peer: null, target: null }),
    ...of('lists', 'list'),
    ...of('writes', 'write'),
  ];
}
