import {
  parseRetention,
  type BackgroundJobList,
  type ErrorBody,
  type GenerationRecord,
  type Retention,
  type RetentionPreview,
} from '@wan-image/core';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BackgroundJobsRepository } from '../src/background-jobs/background-jobs.repository.ts';
import { openServiceDatabase } from '../src/boot/open-database.ts';
import { readConfig } from '../src/config/config.ts';
import { DEFAULT_PROJECT_ID } from '../src/domain/project-id.ts';
import { RetentionSizes } from '../src/retention/retention-sizes.ts';
import { onDatabase } from './support/on-database.ts';
import { recordAgedIn, type Aged } from './support/aged-generations.ts';
import { fetchChecked, get, send, type JsonResponse } from './support/requests.ts';
import { startRetention } from './support/retention-process.ts';
import {
  openHistory,
  openTestData,
  runHistory,
  runSimulator,
  upstreamAt,
  type RunningHistory,
  type TestHistory,
} from './support/test-history.ts';

const SOON = { longestIntervalMs: 20 };

const setPolicy = (url: string, body: unknown): Promise<JsonResponse<Retention & ErrorBody>> =>
  send(`${url}/v1/retention`, { method: 'PUT', body });

const preview = async (url: string, body?: unknown): Promise<RetentionPreview> =>
  (await send<RetentionPreview>(`${url}/v1/retention/preview`, { method: 'POST', body })).body;

/** Sets a policy, and waits until it has been carried out. */
async function carriedOut(url: string, policy: unknown): Promise<Retention['last_run']> {
  const before = (await setPolicy(url, policy)).body.last_run?.started_at ?? '';
  return lastRun(url, before);
}

async function lastRun(url: string, before: string): Promise<Retention['last_run']> {
  let run: Retention['last_run'] = null;
  await expect
    .poll(async () => {
      run = (await get<Retention>(url, '/v1/retention')).body.last_run;
      return run !== null && run.started_at > before && run.finished_at !== null;
    })
    .toBe(true);
  return run;
}

const find = async (url: string, id: string | undefined): Promise<GenerationRecord | null> => {
  const { status, body } = await get<GenerationRecord>(url, `/v1/generations/${id}`);
  return status === 200 ? body : null;
};

interface Opened {
  readonly history: RunningHistory;
  readonly ids: readonly string[];
  readonly onDatabase: (sql: string) => Promise<readonly unknown[]>;
}

/** A service with generations of some days ago. */
async function open(all: readonly Aged[]): Promise<Opened & AsyncDisposable> {
  await using stack = new AsyncDisposableStack();
  const data = stack.use(await openTestData());
  const simulator = stack.use(await runSimulator());
  const ids = await recordAgedIn(data, all);
  const history = stack.use(await runHistory(data, upstreamAt(simulator.url), SOON));
  const moved = stack.move();
  return {
    history,
    ids,
    onDatabase: (sql) => onDatabase(data, sql),
    [Symbol.asyncDispose]: () => moved.disposeAsync(),
  };
}

describe('the policy', () => {
  let history: TestHistory & AsyncDisposable;
  beforeAll(async () => {
    history = await openHistory();
  });
  afterAll(() => history[Symbol.asyncDispose]());

  test('keeps everything until somebody sets it, and is set as a whole', async () => {
    const { body } = await get<Retention>(history.url, '/v1/retention');
    expect(body).toEqual({
      object: 'retention',
      images: { max_age_days: null, max_bytes: null },
      inputs: { max_age_days: null },
      records: { max_age_days: null, max_count: null },
      bin_days: null,
      keep_favorites: true,
      keep_tags: [],
      updated_at: null,
      last_run: null,
    });
    const set = await setPolicy(history.url, {
      images: { max_bytes: 5_000_000_000_000 },
      keep_tags: [' 封面 ', '封面'],
      keep_favorites: false,
    });
    expect(set.status).toBe(200);
    expect(set.body).toMatchObject({
      images: { max_age_days: null, max_bytes: 5_000_000_000_000 },
      keep_tags: ['封面'],
      keep_favorites: false,
    });
    const next = await setPolicy(history.url, { bin_days: 30 });
    expect(next.body).toMatchObject({ images: { max_bytes: null }, bin_days: 30, keep_favorites: true, keep_tags: [] });
    expect((await get<Retention>(history.url, '/v1/retention')).body).toMatchObject({ bin_days: 30 });
  });

  test.each([
    [{ images: { max_age_days: 0 } }, 'images.max_age_days', 'whole number of days from 1 to 36500, or null'],
    [{ images: { max_bytes: 1.5 } }, 'images.max_bytes', 'whole number of bytes from 1'],
    [{ records: { max_age_days: 1 } }, 'records.max_age_days', 'whole number of days from 2'],
    [{ records: { max_count: 2e9 } }, 'records.max_count', 'from 1 to 1000000000'],
    [{ bin_days: '30' }, 'bin_days', 'got "30"'],
    [{ keep_tags: Array.from({ length: 33 }, (_, index) => `t${index}`) }, 'keep_tags', 'more than 32 tags'],
    [{ keep_tags: ['  '] }, 'keep_tags[0]', 'a tag must be a text of 1 to 64 characters'],
    [{ keep_favorites: null }, 'keep_favorites', 'true or false'],
    [
      { images: { max_age: 3 } },
      'images.max_age',
      'Unknown field of images "max_age". Known fields: max_age_days, max_bytes.',
    ],
    [{ image: {} }, 'image', 'Unknown field "image". Known fields: images, inputs, records'],
    [{ images: 5 }, 'images', 'must be a JSON object'],
  ])('%j is a 400 that says what is wrong', async (policy, param, message) => {
    for (const [method, path] of [
      ['PUT', '/v1/retention'],
      ['POST', '/v1/retention/preview'],
    ] as const) {
      const { status, body } = await send<ErrorBody>(history.url + path, { method, body: policy });
      expect([status, body.error.param]).toEqual([400, param]);
      expect(body.error.message).toContain(message);
    }
  });
});

test('images go before their records, favorites and tagged ones stay, and a preview has said so', async () => {
  await using opened = await open([
    { days: 100, images: [10, 20] },
    { days: 100, images: [10, 20, 30] },
    { days: 100 },
    { days: 10 },
  ]);
  const { ids, history } = opened;
  const { url } = history;
  await send(`${url}/v1/images/${ids[1]}-1`, { method: 'PATCH', body: { favorite: true } });
  await send(`${url}/v1/generations/${ids[2]}`, { method: 'PATCH', body: { tags: ['封面'] } });
  const policy = { images: { max_age_days: 90 }, keep_tags: ['封面'] };
  const expected = { images: { matched: 4, bytes: 70 }, records: { matched: 0, bytes: 0 }, capped: false };
  expect(await preview(url, policy)).toMatchObject(expected);
  const run = await carriedOut(url, policy);
  expect(run).toMatchObject({ state: 'succeeded', result: { images: 4, inputs: 0, records: 0, bin: 0, bytes: 70 } });
  const states = async (id: string | undefined) => (await find(url, id))?.images.map(({ state }) => state);
  expect(await Promise.all(ids.map(states))).toEqual([
    ['deleted', 'deleted'],
    ['deleted', 'stored', 'deleted'],
    ['stored'],
    ['stored'],
  ]);
  expect(await preview(url)).toMatchObject({ images: { matched: 0, bytes: 0 }, capped: false });
  const { body } = await get<BackgroundJobList>(url, '/v1/jobs');
  expect(body.data).toMatchObject([{ id: run?.job_id, kind: 'retention', state: 'succeeded', done: 3 }]);
});

test('the oldest images go until the rest has as many bytes as may be kept; spared ones count', async () => {
  await using opened = await open([
    { days: 50, images: [100] },
    { days: 40, images: [100, 100] },
    { days: 30, images: [100] },
    { days: 20, images: [100], isPending: true },
    { days: 10, images: [100] },
  ]);
  const { ids, history } = opened;
  await send(`${history.url}/v1/images/${ids[0]}-0`, { method: 'PATCH', body: { favorite: true } });
  const policy = { images: { max_bytes: 350 } };
  expect(await preview(history.url, policy)).toMatchObject({ images: { matched: 2, bytes: 200 } });
  expect(await carriedOut(history.url, policy)).toMatchObject({ result: { images: 2, bytes: 200 } });
  const rows = await opened.onDatabase(`select state from generation_image order by generation_id, index`);
  expect(rows).toEqual(['stored', 'deleted', 'deleted', 'stored', 'pending', 'stored'].map((state) => ({ state })));
  expect(await preview(history.url, { images: { max_bytes: 1 } })).toMatchObject({ images: { matched: 2 } });
});

test('records go by age and by number; what is pending or spared stays', async () => {
  await using opened = await open([
    { days: 400 },
    { days: 398, isPending: true },
    { days: 397 },
    { days: 30, images: [1, 2] },
    { days: 20 },
    { days: 10 },
  ]);
  const { ids, history } = opened;
  await send(`${history.url}/v1/images/${ids[2]}-0`, { method: 'PATCH', body: { favorite: true } });
  expect(await preview(history.url, { records: { max_age_days: 365 } })).toMatchObject({
    records: { matched: 1, bytes: 10 },
  });
  const policy = { records: { max_age_days: 365, max_count: 2 } };
  expect(await preview(history.url, policy)).toMatchObject({ records: { matched: 2, bytes: 13 } });
  expect(await carriedOut(history.url, policy)).toMatchObject({ result: { records: 2, bytes: 13 } });
  const found = (await Promise.all(ids.map((id) => find(history.url, id)))).map((record) => record !== null);
  expect(found).toEqual([false, true, true, false, true, true]);
});

test('the bin is emptied, also of favorites and of what has a tag that is kept', async () => {
  await using opened = await open([{ days: 5, images: [1, 2] }, { days: 5, images: [1, 2] }, { days: 5 }]);
  const { ids, history } = opened;
  const { url } = history;
  await send(`${url}/v1/generations/${ids[0]}`, { method: 'PATCH', body: { tags: ['x'] } });
  await send(`${url}/v1/images/${ids[1]}-0`, { method: 'PATCH', body: { favorite: true } });
  for (const path of [`generations/${ids[0]}`, `images/${ids[1]}-0`, `generations/${ids[2]}`])
    await fetchChecked(`${url}/v1/${path}`, { method: 'DELETE' });
  const age = `deleted_at = deleted_at - interval '31 days'`;
  await opened.onDatabase(`update generation set ${age} where id = '${ids[0]}'; update generation_image set ${age}`);
  const policy = { bin_days: 30, keep_tags: ['x'] };
  expect(await preview(url, policy)).toMatchObject({ bin: { matched: 2, bytes: 4 } });
  expect(await carriedOut(url, policy)).toMatchObject({ result: { bin: 2, bytes: 4 } });
  expect(await find(url, ids[0])).toBeNull();
  expect((await find(url, ids[1]))?.images.map(({ state }) => state)).toEqual(['deleted', 'stored']);
  expect((await find(url, ids[2]))?.deleted_at).not.toBeNull();
});

test('copies of inputs go; a rerun uses the URL that was given, or says what is missing', async () => {
  await using opened = await open([
    { days: 40, inputs: ['copy'] },
    { days: 40, inputs: ['url', 'copy'] },
    { days: 40, inputs: ['url'] },
    { days: 40, inputs: ['copy'] },
  ]);
  const { ids, history } = opened;
  const { url } = history;
  await send(`${url}/v1/images/${ids[3]}-0`, { method: 'PATCH', body: { favorite: true } });
  const policy = { inputs: { max_age_days: 30 } };
  expect(await preview(url, policy)).toMatchObject({ inputs: { matched: 4, bytes: 28 }, images: { matched: 0 } });
  expect(await carriedOut(url, policy)).toMatchObject({ result: { inputs: 4, bytes: 28 } });
  expect((await find(url, ids[1]))?.input_images).toMatchObject([
    { kind: 'url', url: 'https://example.com/0.png', state: 'deleted', archived_url: null, sha256: null },
    { kind: 'stored', state: 'deleted', sha256: null, width: 300 },
  ]);
  expect((await find(url, ids[3]))?.input_images).toMatchObject([{ kind: 'stored', state: 'stored' }]);
  expect((await find(url, ids[0]))?.images).toMatchObject([{ state: 'stored' }]);
  const again = (id: string | undefined) =>
    send<ErrorBody>(`${url}/v1/generations/${id}/rerun`, { method: 'POST', body: {} });
  const refused = await again(ids[0]);
  expect([refused.status, refused.body.error.param]).toEqual([400, 'image']);
  expect(refused.body.error.message).toContain('was deleted by the retention policy');
  expect((await again(ids[1])).body.error.message).toContain('image[1] of the earlier generation was deleted');
  expect((await again(ids[2])).status).toBe(200);
  const gone = (await find(url, ids[0]))?.input_images[0]?.url ?? '';
  expect((await fetchChecked(gone)).status).toBe(410);
});

test('what is protected while a run goes on stays, and a policy that is changed ends the run', async () => {
  await using opened = await open(Array.from({ length: 250 }, () => ({ days: 100 })));
  const { history } = opened;
  const { url } = history;
  // Holds up the second batch, until the policy keeps everything.
  await opened.onDatabase(`
    create function hold() returns trigger language plpgsql as $$ begin
      if (select count(*) from generation) <= 150 then
        perform pg_sleep(0.05);
      end if;
      return null; end $$;
    create trigger hold after delete on generation for each statement execute function hold()`);
  await setPolicy(url, { records: { max_age_days: 90 } });
  await expect
    .poll(async () => opened.onDatabase('select from generation where id is not null'), { interval: 1 })
    .not.toHaveLength(250);
  await setPolicy(url, {});
  await expect
    .poll(async () => (await get<BackgroundJobList>(url, '/v1/jobs')).body.data[0]?.finished_at ?? null)
    .not.toBeNull();
  const [job] = (await get<BackgroundJobList>(url, '/v1/jobs')).body.data;
  const rows = await opened.onDatabase('select from generation');
  expect(job).toMatchObject({ state: 'succeeded', result: { records: 250 - rows.length } });
});

test('much that is found at once is deleted in small steps, also after a preview', async () => {
  await using data = await openTestData();
  const stateOf = (index: number) => (index % 3 === 0 ? 'succeeded' : 'running');
  await recordAgedIn(
    data,
    Array.from({ length: 30 }, (_, index): Aged => ({ days: 100, state: stateOf(index) })),
  );
  const database = await openServiceDatabase(readConfig(data.environment));
  await using _closed = { [Symbol.asyncDispose]: () => database.close() };
  const { dataSource } = database;
  const always = (size: number) => ({ first: size, min: size, max: size });
  const { runs, service, kind } = startRetention(database, new RetentionSizes(always(1_000), always(4)));
  const parsed = parseRetention({ records: { max_age_days: 90 } });
  if (!parsed.ok) throw new Error('The policy of the test is invalid');
  await service.set({ projectId: DEFAULT_PROJECT_ID }, parsed.value);
  expect(await service.preview({ projectId: DEFAULT_PROJECT_ID }, null)).toMatchObject({ records: { matched: 10 } });
  await runs.look();
  const [job] = await dataSource.query<{ id: string }[]>('select id from background_job');
  const jobs = new BackgroundJobsRepository(dataSource);
  const worker = uuidv7();
  const id = job?.id ?? '';
  await jobs.claim(id, worker);
  const counts: [done: number, rows: number][] = [];
  for (let result: unknown = undefined; result === undefined;) {
    const current = await jobs.running(id, worker);
    if (current === null) throw new Error('The job has ended without a result');
    const prepared = await kind.prepare(current);
    const step = await jobs.step(id, worker, (transaction, locked) => kind.step(transaction, locked, prepared));
    result = step?.result;
    const [row] = await dataSource.query<{ rows: number }[]>('select count(*)::integer as rows from generation');
    counts.push([step?.done ?? 0, row?.rows ?? 0]);
  }
  expect(counts).toEqual([
    [10, 26],
    [22, 22],
    [30, 20],
    [30, 20],
  ]);
});

test('a step that fails is tried again with half as many', async () => {
  await using opened = await open(Array.from({ length: 40 }, () => ({ days: 100 })));
  // As a time limit does.
  await opened.onDatabase(`
    create function limit_rows() returns trigger language plpgsql as $$ begin
      if (select count(*) from gone) > 25 then raise 'too many'; end if; return null; end $$;
    create trigger limit_rows after delete on generation referencing old table as gone for each statement execute function limit_rows()`);
  expect(await carriedOut(opened.history.url, { records: { max_age_days: 90 } })).toMatchObject({
    state: 'succeeded',
    result: { records: 40 },
  });
});

test('a project has its own policy', async () => {
  await using opened = await open([{ days: 100 }, { days: 100, projectId: '019ab2b0-1122-7334-8455-66778899aabb' }]);
  expect(await carriedOut(opened.history.url, { records: { max_age_days: 90 } })).toMatchObject({
    result: { records: 1 },
  });
  expect(await opened.onDatabase('select project_id from generation')).toEqual([
    { project_id: '019ab2b0-1122-7334-8455-66778899aabb' },
  ]);
});

test('a run without anything to delete makes no job, and the next one is an hour later', async () => {
  await using opened = await open([{ days: 1 }]);
  const { url } = opened.history;
  const run = await carriedOut(url, { records: { max_age_days: 90 } });
  expect(run).toMatchObject({ job_id: null, state: 'succeeded', result: { records: 0 } });
  expect((await get<BackgroundJobList>(url, '/v1/jobs')).body.data).toEqual([]);
  expect(
    await opened.onDatabase(
      `select due_at - started_at between interval '59 minutes' and interval '61 minutes' as is_hour from retention_policy`,
    ),
  ).toEqual([{ is_hour: true }]);
  await opened.onDatabase(`update retention_policy set due_at = now()`);
  expect((await lastRun(url, run?.started_at ?? ''))?.job_id).toBeNull();
});

test('what is spared no longer goes within a day: until then a run looks only at what has become old since', async () => {
  await using opened = await open([{ days: 100 }, { days: 100 }]);
  const { ids, history } = opened;
  const { url } = history;
  const mark = (favorite: boolean) => send(`${url}/v1/images/${ids[0]}-0`, { method: 'PATCH', body: { favorite } });
  await mark(true);
  const run = await carriedOut(url, { images: { max_age_days: 90 } });
  expect(run).toMatchObject({ result: { images: 1 } });
  await mark(false);
  await opened.onDatabase('update retention_policy set due_at = now()');
  const next = await lastRun(url, run?.started_at ?? '');
  expect(next).toMatchObject({ job_id: null, result: { images: 0 } });
  await opened.onDatabase(
    `update retention_policy set due_at = now(), walked = walked || jsonb_build_object('wholeAt', now() - interval '25 hours')`,
  );
  expect(await lastRun(url, next?.started_at ?? '')).toMatchObject({ result: { images: 1 } });
});
