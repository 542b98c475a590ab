import { once } from 'node:events';
import { createConnection } from 'node:net';
import { dataUri } from '@wan-image/testing/images';
import pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { expect, test } from 'vitest';
import type { GenerationRecord } from '@wan-image/core';
import { readConfig } from '../src/config/config.ts';
import { openServiceDatabase } from '../src/boot/open-database.ts';
import { WorkerLeasesRepository } from '../src/dispatch/worker-leases.repository.ts';
import { SLOTS_LOCK } from '../src/dispatch/upstream-slots.repository.ts';
import { ADMIN_API_KEY, bearer, createKey, keyRecord } from './support/access.ts';
import { onDatabase } from './support/on-database.ts';
import { fetchChecked, generate, get, recordOf } from './support/requests.ts';
import {
  openHistory,
  openTestData,
  runHistory,
  runSimulator,
  upstreamAt,
  type TestData,
} from './support/test-history.ts';

const request = { model: 'wan2.7-image', prompt: '另一个', size: '1K' };
const slow = { ...request, prompt: '慢 [[simulate delay=800]]' };

/** Another process, which the service considers alive for the next hour. */
const OTHER = '01900000-0000-7000-8000-000000000001';
const otherLives = `insert into worker (id, seen_at) values ('${OTHER}', now() + interval '1 hour')`;

/** A session on the database of the test data. */
async function connect({ environment }: TestData): Promise<pg.Client & AsyncDisposable> {
  const client = new pg.Client({ connectionString: environment['DATABASE_URL'] });
  await client.connect();
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.end() });
}

async function valueOf(client: pg.Client, sql: string): Promise<unknown> {
  const { rows } = await client.query<{ value: unknown }>(sql);
  return rows[0]?.value;
}

/** Fails every update that records a generation as sent. */
const refuseToSend = `
  create function refuse() returns trigger language plpgsql as $$ begin raise 'not now'; end $$;
  create trigger refuse before update on generation for each row when (new.state = 'running') execute function refuse()`;

/** The number of service statements that wait for a lock. */
const BLOCKED = `select count(*)::int as value from pg_locks join pg_stat_activity using (pid)
  where not granted and datname = current_database()`;

/** The number of service statements in flight. */
const BUSY = `select count(*)::int as value from pg_stat_activity
  where state = 'active' and datname = current_database() and pid <> pg_backend_pid()`;

test('a generation that another process claims while it acquires a slot is sent by that process alone', async () => {
  await using history = await openHistory({ UPSTREAM_CONCURRENCY: '1' });
  await using session = await connect(history.testData);
  await session.query(otherLives);
  const first = generate(history.url, slow);
  await expect.poll(() => history.simulator.totals.calls).toBe(1);
  const waiting = generate(history.url, request);
  await expect
    .poll(() => valueOf(session, `select count(*)::int as value from generation where state = 'queued'`))
    .toBe(1);
  await session.query('begin');
  await session.query(`update generation set worker_id = '${OTHER}' where state = 'queued'`);
  await first;
  await using observer = await connect(history.testData);
  await expect.poll(() => valueOf(observer, BLOCKED)).toBe(1);
  await session.query('commit');
  // Its client waits for the claiming process, whichever that is.
  await session.query(
    `update generation set state = 'failed', outcome = 'unknown', finished_at = now() where worker_id = '${OTHER}'`,
  );
  expect((await waiting).status).toBe(502);
  expect(history.simulator.totals.calls).toBe(1);
});

test('a slot acquired during shutdown is released, even if the database does not accept that at once', async () => {
  await using testData = await openTestData();
  await using simulator = await runSimulator();
  const environment = { ...upstreamAt(simulator.url), UPSTREAM_CONCURRENCY: '1' };
  const history = await runHistory(testData, environment);
  await using session = await connect(testData);
  // A failed update does not roll the sequence back.
  await session.query(`
    create sequence attempts;
    create function refuse_once() returns trigger language plpgsql as $$
      begin if nextval('attempts') = 1 then raise 'not now'; end if; return new; end $$;
    create trigger refuse before update on generation for each row
      when (old.state = 'running' and new.state = 'queued') execute function refuse_once()`);
  await session.query('begin');
  await session.query(`select pg_advisory_xact_lock(${SLOTS_LOCK})`);
  const { id } = (await generate(history.url, request, { prefer: 'respond-async' }))
    .body as unknown as GenerationRecord;
  await using observer = await connect(testData);
  await expect.poll(() => valueOf(observer, BLOCKED)).toBe(1);
  const closing = history.close();
  await session.query('commit');
  await closing;
  expect(await valueOf(session, `select last_value::int as value from attempts`)).toBe(2);
  const { rows } = await session.query('select id, state, sent_at from generation');
  expect(rows).toEqual([{ id, state: 'queued', sent_at: null }]);
  await using again = await runHistory(testData, environment);
  expect((await get(again.url, `/v1/generations/${id}?wait=20`)).body).toMatchObject({ state: 'succeeded' });
  expect(simulator.totals.calls).toBe(1);
});

test('a queued generation that could not be sent and that another process claimed does not end as not sent', async () => {
  await using testData = await openTestData();
  await using simulator = await runSimulator();
  const history = await runHistory(testData, upstreamAt(simulator.url));
  await using session = await connect(testData);
  await session.query(otherLives);
  await session.query(refuseToSend);
  const { id } = (await generate(history.url, request, { prefer: 'respond-async' }))
    .body as unknown as GenerationRecord;
  await expect.poll(() => history.logs.join('')).toContain('a queued generation could not be sent');
  await session.query('drop trigger refuse on generation');
  await session.query(`update generation set state = 'running', sent_at = now(), worker_id = '${OTHER}'`);
  await history.close();
  const { rows } = await session.query('select id, state, outcome, worker_id from generation');
  expect(rows).toEqual([{ id, state: 'running', outcome: null, worker_id: OTHER }]);
  expect(simulator.totals.calls).toBe(0);
});

test('a queued generation that could not be sent and that no process claimed ends as not sent', async () => {
  await using testData = await openTestData();
  await using simulator = await runSimulator();
  const history = await runHistory(testData, upstreamAt(simulator.url));
  await using session = await connect(testData);
  await session.query(refuseToSend);
  await generate(history.url, request, { prefer: 'respond-async' });
  await expect.poll(() => history.logs.join('')).toContain('a queued generation could not be sent');
  await history.close();
  const { rows } = await session.query('select state, outcome from generation');
  expect(rows).toEqual([{ state: 'failed', outcome: 'not_billed' }]);
});

test('an idle connection does not delay shutdown', { timeout: 60_000 }, async () => {
  await using testData = await openTestData();
  const history = await runHistory(testData);
  const socket = createConnection(Number(new URL(history.url).port));
  const cut = once(socket, 'close');
  await once(socket, 'connect');
  await history.close();
  await cut;
  expect(socket.destroyed).toBe(true);
});

/** Whether each session has locked its table. A statement that needs both may already hold one: then all sessions roll back. */
async function lockEach(sessions: Readonly<Record<string, pg.Client>>): Promise<boolean> {
  try {
    for (const [table, session] of Object.entries(sessions)) {
      await session.query(`begin; set local lock_timeout = '100ms'; lock table ${table}`);
    }
    return true;
  } catch {
    for (const session of Object.values(sessions)) await session.query('rollback');
    return false;
  }
}

/** Statements in flight, apart from periodic tasks: the lookup of a generation in flight, and the deletion of the worker lease. */
const LOOKING = `${BUSY} and query like '%fingerprint%'`;
const LEAVING = `${BUSY} and query ilike 'delete from "worker"%'`;

test('a request that is parsed only after the service has shut down its queue is not sent', async () => {
  await using testData = await openTestData();
  await using simulator = await runSimulator();
  const history = await runHistory(testData, upstreamAt(simulator.url));
  const body = JSON.stringify({ ...request, prompt: '晚了 [[simulate delay=3000]]' });
  const head = `POST /v1/images/generations HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n`;
  const { port } = new URL(history.url);
  // The retry waits for the earlier request, whose body never ends; then the client of the retry disconnects.
  const [before, again] = [createConnection(Number(port)), createConnection(Number(port))];
  for (const socket of [before, again]) socket.on('error', () => undefined);
  // Data written to a socket that is still connecting could arrive after the health checks below.
  await Promise.all([once(before, 'connect'), once(again, 'connect')]);
  before.write(`${head}\r\n{`);
  await fetchChecked(`${history.url}/healthz`);
  again.write(`${head}x-stainless-retry-count: 1\r\n\r\n${body}`);
  await fetchChecked(`${history.url}/healthz`);
  again.destroy();
  await using observer = await connect(testData);
  await using reading = await connect(testData);
  await using ending = await connect(testData);
  await expect.poll(() => lockEach({ generation: reading, worker: ending })).toBe(true);
  const closed = history.close();
  before.destroy();
  await expect.poll(() => valueOf(observer, LOOKING)).toBe(1);
  await expect.poll(() => valueOf(observer, LEAVING)).toBe(1);
  await reading.query('commit');
  // The lookup also reads which processes are alive, so it goes on only now.
  await ending.query('commit');
  await closed;
  expect((await observer.query('select state from generation')).rows).toEqual([]);
  expect(simulator.totals.calls).toBe(0);
});

test('orphaned generations are found behind any number of generations queued on this worker', async () => {
  await using testData = await openTestData();
  const database = await openServiceDatabase(readConfig(testData.environment));
  const work = new WorkerLeasesRepository(database.dataSource);
  await work.heartbeat(OTHER);
  const dead = uuidv7();
  const rows = [...Array.from({ length: 10 }, () => [uuidv7({ msecs: Date.now() - 60_000 }), OTHER]), [dead, uuidv7()]];
  for (const [id, worker] of rows) {
    await database.dataSource.query(
      `insert into generation (id, worker_id, state, source, model, prompt, request, dropped, created_at)
       values ($1, $2, 'queued', 'api', 'wan2.7-image', '等', '{}', '[]', now() - interval '1 minute')`,
      [id, worker],
    );
  }
  expect(await work.orphanedQueued(OTHER, 30_000, 10)).toContain(dead);
  await database.close();
});

test('a generation that ends and a request that reuses its expired key do not deadlock', async () => {
  await using history = await openHistory({ ADMIN_API_KEY, PRICES: 'wan2.7-image=0.20,wan2.7-image-pro=0.50' });
  await using session = await connect(history.testData);
  const { id, key } = await createKey(history.url, { spend_limit: { amount: '5.00', period: 'total' } });
  const refused = { ...request, prompt: '拒绝 [[simulate status=400 delay=500]]' };
  const responding = generate(history.url, refused, { ...bearer(key), 'idempotency-key': 'k' });
  await expect.poll(() => history.simulator.totals.calls).toBe(1);
  // The lock order of a request with an expired key: the key first, then the spend of its API key.
  await session.query('begin');
  await session.query('delete from idempotency_key');
  await using observer = await connect(history.testData);
  await expect.poll(() => valueOf(observer, BLOCKED)).toBe(1);
  await session.query('update key_spend set reserved = reserved');
  await session.query('commit');
  expect((await responding).status).toBe(400);
  expect((await keyRecord(history.url, id)).spend_limit).toMatchObject({ spent: '0.00', reserved: '0.00' });
  expect(history.logs.some((line) => line.includes('deadlock'))).toBe(false);
});

test('records next to a replica of a later version that has added columns', async () => {
  await using history = await openHistory();
  for (const table of ['generation', 'generation_image']) {
    await onDatabase(history.testData, `alter table ${table} add column added text not null default 'of later'`);
  }
  const image = await dataUri({ format: 'png', width: 512, height: 512 });
  const response = await generate(history.url, { ...request, image });
  expect(response.status).toBe(200);
  expect(await recordOf(history.url, response)).toMatchObject({ state: 'succeeded', images: [{ state: 'stored' }] });
});
