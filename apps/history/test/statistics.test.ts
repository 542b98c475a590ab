import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { openServiceDatabase } from '../src/boot/open-database.ts';
import { readConfig } from '../src/config/config.ts';
import { ALL_PROJECTS } from '../src/domain/scope.ts';
import { BinRepository } from '../src/ledger/bin.repository.ts';
import { PurgeRepository } from '../src/ledger/purge.repository.ts';
import type { GenerationEntity } from '../src/ledger/generation.entity.ts';
import { LedgerRepository, type RecordedEnd } from '../src/ledger/ledger.repository.ts';
import { PURGE_PARTS } from '../src/library/library.repository.ts';
import { quantilesOf } from '../src/stats/latency.ts';
import { StatisticsRepository } from '../src/stats/statistics.repository.ts';
import { UsageRepository } from '../src/stats/usage.repository.ts';
import { DayOfGenerations, type CountedFigures } from './support/day-of-generations.ts';
import { openTestData } from './support/test-history.ts';

const PROJECTS = ['019ab2b0-0000-7000-8000-000000000001', '019ab2b0-0000-7000-8000-000000000002'] as const;
const KEYS = ['019ab2b1-0000-7000-8000-000000000001', '019ab2b1-0000-7000-8000-000000000002'] as const;
const GENERATIONS = Number(process.env['STATISTICS_GENERATIONS'] ?? 600);
const IS_POSTGRES = process.env['TEST_DATABASE'] === 'postgres';

const GROUPINGS = {
  'hour, model and simulated': {
    groups: ['hour', 'model'],
    nameOf: ({ createdAt, model, simulated }: GenerationEntity) =>
      [`${createdAt.toISOString().slice(0, 13)}:00:00.000Z`, model, simulated].join(),
  },
  'source, API key and project': {
    groups: ['source', 'api_key', 'project'],
    nameOf: ({ source, apiKeyId, projectId, simulated }: GenerationEntity) =>
      [source, apiKeyId, projectId, simulated].join(),
  },
} as const;

type Read = Omit<CountedFigures, 'durations' | 'visible'> & { readonly latencies: ReadonlyMap<number, number> };

async function read(
  statistics: StatisticsRepository,
  groups: (typeof GROUPINGS)[keyof typeof GROUPINGS]['groups'],
): Promise<Record<string, Read>> {
  const query = {
    from: 0,
    to: Date.now() + 86_400_000,
    groups,
    tz: 'UTC',
    models: undefined,
    sources: undefined,
    apiKeys: undefined,
    simulated: undefined,
  };
  const figures = await statistics.figures({ projectId: ALL_PROJECTS }, query, 100_000);
  return Object.fromEntries(figures.map((one) => [Object.values(one.group).join(), one]));
}

function mapped<T>(values: Record<string, T>, map: (value: T) => object): Record<string, object> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, map(value)]));
}

/** What has to be exact. */
function figuresOf(one: Read | CountedFigures): object {
  const { succeeded, failed, canceled, unknown, images, storedBytes, deletedBytes, counts } = one;
  return { succeeded, failed, canceled, unknown, images, storedBytes, deletedBytes, counts };
}

/** Compares all that the service counted with what the test did. */
async function compare(statistics: StatisticsRepository, day: DayOfGenerations): Promise<void> {
  for (const { groups, nameOf } of Object.values(GROUPINGS)) {
    const actual = await read(statistics, groups);
    const expected = day.figures(nameOf);
    expect(mapped(actual, figuresOf)).toEqual(
      mapped(
        Object.fromEntries(
          Object.entries(expected).filter(([, one]) => one.succeeded + one.failed + one.canceled + one.images > 0),
        ),
        figuresOf,
      ),
    );
    for (const [name, { durations }] of Object.entries(expected)) {
      const quantiles = [0.5, 0.95];
      const stated = quantilesOf(actual[name]?.latencies ?? new Map(), quantiles);
      expect(stated).toHaveLength(durations.length === 0 ? 0 : 2);
      for (const [index, quantile] of quantiles.entries()) {
        const exact = durations.toSorted((one, other) => one - other)[Math.ceil(quantile * durations.length) - 1];
        const off = Math.abs((stated[index] ?? 0) / (exact ?? 1) - 1);
        if (exact !== undefined) expect(off, `${quantile} of ${name}: ${stated[index]}, ${exact}`).toBeLessThan(0.08);
      }
    }
  }
  const days = await statistics.days({ projectId: ALL_PROJECTS }, 'Asia/Shanghai');
  const expected = day.figures(({ createdAt }) =>
    new Date(createdAt.getTime() + 8 * 3_600_000).toISOString().slice(0, 10),
  );
  expect(days).toEqual(
    Object.entries(expected)
      .filter(([, { visible }]) => visible > 0)
      .map(([name, { visible }]) => ({ day: name, images: visible }))
      .toSorted((one, other) => (one.day < other.day ? 1 : -1)),
  );
}

async function recountAll(usage: UsageRepository): Promise<void> {
  let next: Date | null = new Date(0);
  while (next !== null) next = await usage.recountNext(next);
}

test('statistics equal what a day of all outcomes was, whatever was deleted, whoever counts, and however often', async () => {
  await using testData = await openTestData();
  const database = await openServiceDatabase(readConfig(testData.environment));
  try {
    const { dataSource } = database;
    const [usage, statistics] = [new UsageRepository(dataSource), new StatisticsRepository(dataSource)];
    const day = new DayOfGenerations(dataSource, { seed: 15, projects: PROJECTS, keys: KEYS, end: Date.now() });
    const ending = new AbortController();
    // Two replicas count, and now and then one of them is ended within its transaction, or all is counted again.
    const counting = [0, 1].map(async (replica) => {
      for (let attempt = 0; !ending.signal.aborted; attempt++) {
        await usage.addEntries(50).catch((error: unknown) => {
          if (!IS_POSTGRES) throw error;
        });
        if (replica === 0 && attempt % 40 === 20) await recountAll(usage).catch(ignoreEnded);
        await sleep(5);
      }
    });
    const killing = (async () => {
      while (!ending.signal.aborted) {
        if (IS_POSTGRES)
          await dataSource.query(
            `select pg_terminate_backend(pid) from pg_stat_activity
           where datname = current_database() and pid <> pg_backend_pid() and query like '%usage_hour%' and state = 'active'`,
          );
        await sleep(200);
      }
    })();
    while (day.generations.length < GENERATIONS) await day.step();
    await day.finish();
    ending.abort();
    await Promise.all([...counting, killing]);
    while ((await usage.addEntries(1_000)) > 0);
    await compare(statistics, day);
    // The entries were for figures or are events, which nobody has taken.
    expect(await dataSource.query('select from outbox where counted is false or type is null')).toEqual([]);
    await recountAll(usage);
    await compare(statistics, day);
    // Without the figures of what is there, they are the same after they were counted again.
    for (const table of ['usage_hour', 'usage_hour_model'])
      await dataSource.query(`delete from ${table} where not is_purged`);
    await dataSource.query('update visible_images_hour set images = 7');
    await recountAll(usage);
    await compare(statistics, day);
  } finally {
    await database.close();
  }
});

/** The connection of the test itself may be the one that was ended. */
function ignoreEnded(error: unknown): void {
  if (!IS_POSTGRES) throw error;
}

/** Records a failed generation of an hour ago; returns its id. */
async function fail(ledger: LedgerRepository, code: string, source = 'api'): Promise<string> {
  const createdAt = new Date(HOUR_AGO);
  const row = {
    id: uuidv7({ msecs: HOUR_AGO }),
    projectId: PROJECTS[0],
    state: 'running',
    outcome: null,
    source,
    model: 'wan2.7-image',
    prompt: '花',
    request: { n: 1 },
    dropped: [],
    adapted: [],
    simulated: false,
    createdAt,
    sentAt: createdAt,
    apiKeyId: null,
    reserved: null,
    currency: null,
  } as unknown as GenerationEntity;
  await ledger.insert({ generation: row, inputs: [], openResponse: null, rerunOf: null }, null, null);
  const error = { type: 'server_error', code, message: 'x', param: null };
  await ledger.end(row, { state: 'failed', outcome: 'not_billed', error, finishedAt: createdAt } as RecordedEnd, []);
  return row.id;
}

const HOUR_AGO = Date.now() - 3_600_000;

test('an hour has the figures of 20 failures and 50 sources by name, and of all others in one sum', async () => {
  await using testData = await openTestData();
  const database = await openServiceDatabase(readConfig(testData.environment));
  try {
    const { dataSource } = database;
    const ledger = new LedgerRepository(dataSource);
    const [usage, statistics] = [new UsageRepository(dataSource), new StatisticsRepository(dataSource)];
    const names = (prefix: string, count: number): string[] =>
      Array.from({ length: count }, (_, index) => `${prefix}-${index.toString().padStart(2, '0')}`);
    const codes = names('code', 30);
    const ids = new Map<string, string[]>();
    // The later ones are the most frequent.
    for (const [index, code] of codes.entries())
      for (let count = 0; count <= Math.floor(index / 10); count++)
        ids.set(code, [...(ids.get(code) ?? []), await fail(ledger, code)]);
    while ((await usage.addEntries(1_000)) > 0);
    const failures = async (): Promise<Record<string, number>> =>
      (await read(statistics, ['hour', 'model']))[HOUR]?.counts ?? {};
    const expected = {
      ...Object.fromEntries(codes.slice(10, 20).map((code) => [`failure:${code}`, 2])),
      ...Object.fromEntries(codes.slice(20).map((code) => [`failure:${code}`, 3])),
      'failure:other': 10,
    };
    expect(await failures()).toEqual(expected);
    // What the hour knows stays known, and what it does not know is no longer named: neither after a deletion for good, nor counted again.
    const purged = [codes[0], codes[10], codes[20], codes[29]].flatMap((code) => ids.get(code ?? '') ?? []);
    const purge = new PurgeRepository(new BinRepository(dataSource));
    await purge.purgeGenerations({ projectId: PROJECTS[0] }, purged, PURGE_PARTS);
    await fail(ledger, 'code-99');
    await fail(ledger, codes[29] ?? '');
    while ((await usage.addEntries(1_000)) > 0);
    const later = { ...expected, 'failure:other': 11, 'failure:code-29': 4 };
    expect(await failures()).toEqual(later);
    await recountAll(usage);
    expect(await failures()).toEqual(later);
    expect(await sumsOf(dataSource, 'failures')).toEqual(await sumsOf(dataSource, 'failures', 'usage_hour_model'));

    for (const source of names('client', 60)) await fail(ledger, 'code-29', source);
    while ((await usage.addEntries(1_000)) > 0);
    const bySource = await read(statistics, ['source', 'api_key', 'project']);
    const counts = Object.entries(bySource).map(([name, { failed }]) => [name.split(',')[0], failed]);
    expect(counts).toHaveLength(50);
    expect(Object.fromEntries(counts)).toMatchObject({ api: 62, 'client-00': 1, 'client-47': 1, other: 12 });
  } finally {
    await database.close();
  }
});

const HOUR = [new Date(HOUR_AGO).toISOString().replace(/:.*/, ':00:00.000Z'), 'wan2.7-image', false].join();

/** The sums of the JSON objects of a table, in the order of their names. */
async function sumsOf(dataSource: DataSource, column: string, table = 'usage_hour'): Promise<readonly unknown[]> {
  return dataSource.query(
    `select is_purged, key, sum(value::int) as sum from ${table} cross join jsonb_each_text(${column}) group by 1, 2 order by 1, 2`,
  );
}
