import type { ApiKeyRecord, BackgroundJobList, ErrorBody, Statistics, Timeline } from '@wan-image/core';
import type { DataSource } from 'typeorm';
import { eventually } from '@wan-image/testing/eventually';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ADMIN, ADMIN_API_KEY, bearer, createKey, createProject, keyRecord } from './support/access.ts';
import { fetchChecked, generate, get, send } from './support/requests.ts';
import { openHistory, openTestData, runHistory, type TestHistory } from './support/test-history.ts';
import { recordAgedIn } from './support/aged-generations.ts';
import { onDatabase } from './support/on-database.ts';
import { runStatistics } from '../src/cli/run-statistics.ts';
import { openServiceDatabase } from '../src/boot/open-database.ts';
import { readConfig } from '../src/config/config.ts';
import { Latencies1796947200000 } from '../src/database/migrations/2026-12-11-latencies.ts';
import { bucketsOf, packedBytesSql } from '../src/stats/latency.ts';
import { LATENCIES, OUTBOX, undoMigrations } from './support/undo-migrations.ts';

const request = { model: 'wan2.7-image', prompt: '花', size: '1K', n: 2 };

let history: TestHistory & AsyncDisposable;
beforeAll(async () => {
  history = await openHistory({
    ADMIN_API_KEY,
    PRICES: 'wan2.7-image=0.20,wan2.7-image-pro=0.50',
    CURRENCY: 'CNY',
  });
});
afterAll(() => history[Symbol.asyncDispose]());

interface Tenant {
  readonly project: string;
  readonly keyId: string;
  readonly headers: Record<string, string>;
}

async function tenant(name: string): Promise<Tenant> {
  const { id: project } = await createProject(history.url, name);
  const created = await createKey(history.url, { project_id: project, scopes: ['generate', 'read', 'manage'] });
  return { project, keyId: created.id, headers: bearer(created.key) };
}

const stats = async (headers: Record<string, string>, query = ''): Promise<Statistics> =>
  (await get<Statistics>(history.url, `/v1/stats${query}`, headers)).body;
const timeline = async (headers: Record<string, string>, query = ''): Promise<Timeline> =>
  (await get<Timeline>(history.url, `/v1/images/timeline${query}`, headers)).body;

const today = (): string => new Date().toISOString().slice(0, 10);

const NOTHING = { succeeded: 0, failed: 0, canceled: 0 };

describe('statistics', () => {
  test('are those of the project: how generations ended, why they failed, what they cost', async () => {
    const [one, other] = [await tenant('figures one'), await tenant('figures other')];
    await generate(history.url, request, { ...one.headers, 'x-wan-image-client': 'n8n' });
    await generate(history.url, { ...request, model: 'wan2.7-image-pro' }, one.headers);
    const refused = await generate(history.url, { ...request, prompt: '花 [[simulate status=400]]' }, one.headers);
    expect(refused.status).toBe(400);
    await generate(history.url, request, other.headers);
    await eventually(async () => {
      const { data } = await stats(one.headers);
      expect(data.reduce((sum, { generations }) => sum + generations.succeeded + generations.failed, 0)).toBe(3);
    }, 30_000);
    const { data, complete, ...about } = await stats(one.headers);
    expect([complete, about.object, data.length]).toEqual([true, 'stats', 1]);
    const [all] = data;
    expect(all).toMatchObject({
      simulated: false,
      generations: { succeeded: 2, failed: 1, canceled: 0 },
      unknown: 0,
      images: 4,
      cost: { CNY: '1.40' },
      deleted_bytes: 0,
    });
    expect(Object.values(all?.failures ?? {})).toEqual([1]);
    expect(all?.stored_bytes).toBeGreaterThan(1_000);
    expect(all?.latency?.p95_ms).toBeGreaterThanOrEqual(all?.latency?.p50_ms ?? Infinity);

    const bySource = await stats(one.headers, '?group_by=source,model');
    expect(bySource.data.map(({ source, model, generations }) => [model, source, generations.succeeded])).toEqual([
      ['wan2.7-image', 'api', 0],
      ['wan2.7-image', 'n8n', 1],
      ['wan2.7-image-pro', 'api', 1],
    ]);
    const days = await stats(one.headers, '?group_by=day&group_by=api_key&tz=Asia/Shanghai&model=wan2.7-image-pro');
    expect(days.data).toMatchObject([{ api_key: one.keyId, images: 2, cost: { CNY: '1.00' } }]);
    expect(days.data[0]?.day).toMatch(/^\d{4}-\d{2}-\d{2}$/);
    expect(await stats(one.headers, '?from=2024-01-01&to=2024-02-01')).toMatchObject({
      from: '2024-01-01T00:00:00.000Z',
      to: '2024-02-01T00:00:00.000Z',
      data: [],
    });
    const projects = await stats(ADMIN, '?project_id=all&group_by=project');
    expect(projects.data).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ project: one.project, cost: { CNY: '1.40' } }),
        expect.objectContaining({ project: other.project, cost: { CNY: '0.40' } }),
      ]),
    );
  });

  test('keep what was deleted for good, and an unknown outcome until it is settled', async () => {
    const { headers } = await tenant('deleted');
    const made = await generate(history.url, request, headers);
    const cut = await generate(history.url, { ...request, prompt: '花 [[simulate status=500]]' }, headers);
    const [id, unknown] = [made, cut].map((response) => response.headers.get('x-generation-id'));
    await eventually(async () => expect((await stats(headers)).data[0]?.unknown).toBe(1), 30_000);
    const before = (await stats(headers)).data[0];
    expect(before).toMatchObject({ cost: { CNY: '0.80' }, images: 2 });
    expect(await timeline(headers)).toMatchObject({ data: [{ day: today(), images: 2 }] });
    await fetchChecked(`${history.url}/v1/images/${id}-0`, { method: 'DELETE', headers });
    await eventually(async () => expect((await timeline(headers)).data[0]?.images).toBe(1), 30_000);
    await fetchChecked(`${history.url}/v1/generations/${id}?purge=true`, { method: 'DELETE', headers });
    const outcome = { method: 'POST', body: { outcome: 'not_billed' }, headers } as const;
    expect((await send(`${history.url}/v1/generations/${unknown}/resolve`, outcome)).status).toBe(200);
    await eventually(async () => {
      const [after] = (await stats(headers)).data;
      expect(after).toEqual({ ...before, unknown: 0, cost: { CNY: '0.40' }, deleted_bytes: before?.stored_bytes });
    }, 30_000);
    expect((await timeline(headers)).data).toEqual([]);
  });

  test.each([
    ['?group_by=week', 'group_by', 'hour, day, model, source, api_key, project'],
    ['?tz=Mars/Olympus', 'tz', 'there is no time zone'],
    ['?tz=Asia/Kolkata', 'tz', 'not a whole number of hours'],
    ['?tz=%27%3B', 'tz', 'IANA name'],
    ['?from=yesterday', 'from', 'RFC 3339'],
    ['?from=2026-02-01&to=2026-01-01', 'from', 'before to'],
    ['?api_key=mine', 'api_key', 'none of its kind'],
    ['?simulated=maybe', 'simulated', 'true or false'],
    ['?tag=x', 'tag', 'these alone'],
  ])('refuse %s', async (query, param, message) => {
    const { status, body } = await get<ErrorBody>(history.url, `/v1/stats${query}`, ADMIN);
    expect([status, body.error.param]).toEqual([400, param]);
    expect(body.error.message).toContain(message);
  });

  test('of an embedded simulator cost nothing, and stand apart', async () => {
    await using embedded = await openEmbedded();
    await generate(embedded.url, request);
    await eventually(async () => {
      const { body } = await get<Statistics>(embedded.url, '/v1/stats');
      expect(body.data).toMatchObject([{ simulated: true, cost: {}, generations: { ...NOTHING, succeeded: 1 } }]);
    }, 30_000);
    expect((await get<Statistics>(embedded.url, '/v1/stats?simulated=false')).body.data).toEqual([]);
  });
});

async function openEmbedded(): Promise<{ readonly url: string } & AsyncDisposable> {
  const stack = new AsyncDisposableStack();
  const testData = stack.use(await openTestData());
  const running = stack.use(await runHistory(testData, { PRICES: 'wan2.7-image=0.20' }));
  return { url: running.url, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

test('an API key without a limit shows what it has spent', async () => {
  const { headers, keyId } = await tenant('spent');
  const key = (): Promise<ApiKeyRecord> => keyRecord(history.url, keyId);
  expect(await key()).toMatchObject({ spend_limit: null, spent: { total: {}, this_month: {} } });
  await generate(history.url, request, headers);
  const spent = { total: { CNY: '0.40' }, this_month: { CNY: '0.40' } };
  await eventually(async () => expect(await key()).toMatchObject({ spend_limit: null, spent }), 30_000);
});

test('what a version without statistics recorded is counted in the background', async () => {
  await using testData = await openTestData();
  {
    await using before = await runHistory(testData);
    await generate(before.url, request);
    await generate(before.url, request);
  }
  const database = await openServiceDatabase(readConfig(testData.environment));
  await undoMigrations(database.dataSource, OUTBOX);
  await database.close();
  await using after = await runHistory(testData);
  await eventually(async () => {
    const { body } = await get<Statistics>(after.url, '/v1/stats');
    expect(body).toMatchObject({ complete: true, data: [{ generations: { ...NOTHING, succeeded: 2 }, images: 4 }] });
  }, 30_000);
  const { body: jobs } = await get<BackgroundJobList>(after.url, '/v1/jobs');
  expect(jobs.data).toMatchObject([{ kind: 'statistics', state: 'succeeded', result: { hours: expect.any(Number) } }]);
});

test('latencies that a version counted in arrays are the same in one number', async () => {
  await using testData = await openTestData();
  const figuresOf = async (url: string) => {
    const { body } = await get<Statistics>(url, '/v1/stats?group_by=model');
    return body.data;
  };
  let counted: Statistics['data'] = [];
  {
    await using before = await runHistory(testData);
    await generate(before.url, request);
    await generate(before.url, { ...request, model: 'wan2.7-image-pro' });
    await eventually(async () => {
      counted = await figuresOf(before.url);
      expect(counted.map(({ generations }) => generations.succeeded)).toEqual([1, 1]);
    }, 30_000);
  }
  const database = await openServiceDatabase(readConfig(testData.environment));
  await undoMigrations(database.dataSource, LATENCIES);
  for (const table of ['usage_hour', 'usage_hour_model']) {
    const rows = await database.dataSource.query<object[]>(`select latency_counts from ${table}`);
    expect(rows).toEqual([{ latency_counts: [1] }, { latency_counts: [1] }]);
  }
  await database.close();
  await using after = await runHistory(testData);
  expect(await figuresOf(after.url)).toEqual(counted);
  expect(counted.every(({ latency }) => latency !== null)).toBe(true);
});

test('a command that fails half-way says which hours it has counted, and counts them all when it runs again', async () => {
  await using testData = await openTestData();
  await recordAgedIn(testData, [{ days: 3 }, { days: 2 }, { days: 1 }]);
  await onDatabase(
    testData,
    `create function refuse() returns trigger language plpgsql as $$ begin
       if new.hour > now() - interval '36 hours' then raise 'no room'; end if; return new; end $$;
     create trigger refuse before insert on usage_hour for each row execute function refuse()`,
  );
  const recount = async (): Promise<{ readonly printed: string; readonly exitCode: unknown }> => {
    const lines: string[] = [];
    const output = { write: (text: string) => lines.push(text) };
    const terminal = { stdout: output, stderr: output, exitCode: undefined };
    await runStatistics(testData.environment, terminal);
    return { printed: lines.join(''), exitCode: terminal.exitCode };
  };
  const hours = () => onDatabase(testData, 'select from usage_hour');
  const failed = await recount();
  expect(failed.printed).toMatch(/^The oldest hours \(2\) are counted again and stay so, .*: run the command again/);
  expect(failed.printed).toContain('no room');
  expect(failed.exitCode).toBe(1);
  expect(await hours()).toHaveLength(2);
  await onDatabase(testData, 'drop function refuse cascade');
  expect(await recount()).toEqual({ printed: 'Counted again. Hours with generations: 3.\n', exitCode: undefined });
  expect(await hours()).toHaveLength(3);
});

type Buckets = readonly (readonly [bucket: number, count: number])[];

/** Counts as a version did that had arrays. */
async function countInArrays(dataSource: DataSource, model: string, buckets: Buckets): Promise<void> {
  const arrays = [buckets.map(([bucket]) => bucket), buckets.map(([, count]) => count)];
  for (const [table, columns, values] of [
    ['usage_hour', ', source, api_key_id', `, 'api', gen_random_uuid()`],
    ['usage_hour_model', '', ''],
  ])
    await dataSource.query(
      `insert into ${table} (project_id, hour, model, simulated, is_purged, succeeded, failed, canceled, unknown, images, stored_bytes, costs,
         failures, latency_buckets, latency_counts${columns})
       values (gen_random_uuid(), now(), $1, false, false, 0, 0, 0, 0, 0, 0, '{}', '{}', $2, $3${values})`,
      [model, ...arrays],
    );
}

test('latencies become one number and arrays again, whatever is counted meanwhile, and wherever a process dies', async () => {
  await using testData = await openTestData();
  const database = await openServiceDatabase(readConfig(testData.environment));
  await using _closed = { [Symbol.asyncDispose]: () => database.close() };
  const { dataSource } = database;
  await undoMigrations(dataSource, LATENCIES);
  const counted: Record<string, Buckets> = {
    none: [],
    several: [
      [0, 3],
      [7, 120_000],
      [42, 1],
      [191, 7],
    ],
    borrowed: [
      [5, -1],
      [6, 3],
    ],
    removed: [
      [5, 4],
      [9, -2],
    ],
    negative: [[300, -1]],
  };
  for (const [model, buckets] of Object.entries(counted)) await countInArrays(dataSource, model, buckets);

  /** Counts before the statement that fills a table, and dies after so many statements. Returns whether it has lived to the end. */
  const up = async (statements: number): Promise<boolean> => {
    const runner = dataSource.createQueryRunner();
    const query = runner.query.bind(runner);
    let remaining = statements;
    runner.query = async (sql: string) => {
      if (remaining-- === 0) throw new Error('died');
      if (sql.startsWith('update usage_hour ') && statements < Infinity) {
        const model = `meanwhile ${statements}`;
        counted[model] = [
          [8, -statements],
          [9, 1],
        ];
        await countInArrays(dataSource, model, counted[model]);
      }
      return query(sql);
    };
    try {
      await new Latencies1796947200000().up(runner);
      return true;
    } catch (error) {
      expect(error).toEqual(new Error('died'));
      return false;
    } finally {
      await runner.release();
    }
  };
  let statements = 0;
  while (!(await up(statements))) statements++;
  // And once more, because the last one died before it recorded the migration.
  expect(await up(Infinity)).toBe(true);
  expect(Object.keys(counted).length).toBeGreaterThan(8);

  for (const table of ['usage_hour', 'usage_hour_model']) {
    const rows = await dataSource.query<{ model: string; latencies: Uint8Array }[]>(
      `select model, ${packedBytesSql('latencies')} as latencies from ${table}`,
    );
    expect(Object.fromEntries(rows.map(({ model, latencies }) => [model, [...bucketsOf(latencies)]]))).toEqual(counted);
  }
  await dataSource.runMigrations({ transaction: 'each' });
  await undoMigrations(dataSource, LATENCIES);
  for (const table of ['usage_hour', 'usage_hour_model']) {
    const rows = await dataSource.query<{ model: string; buckets: Buckets }[]>(
      `select model, array(select array[bucket, count] from unnest(latency_buckets, latency_counts) as one (bucket, count)) as buckets
       from ${table}`,
    );
    expect(Object.fromEntries(rows.map(({ model, buckets }) => [model, buckets]))).toEqual(counted);
  }
});
