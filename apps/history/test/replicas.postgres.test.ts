import pg from 'pg';
import { expect, test } from 'vitest';
import { generate } from './support/requests.ts';
import { openHistory, type Place } from './support/test-history.ts';

const request = { model: 'wan2.7-image', prompt: '另一个', size: '1K' };
const slow = { ...request, prompt: '慢 [[simulate delay=800]]' };

/** Another process, alive for the next hour for all that the service can tell. */
const OTHER = '01900000-0000-7000-8000-000000000001';
const otherLives = `insert into worker (id, seen_at) values ('${OTHER}', now() + interval '1 hour')`;

/** A session on the database of a place. */
async function connect({ environment }: Place): Promise<pg.Client & AsyncDisposable> {
  const client = new pg.Client({ connectionString: environment['DATABASE_URL'] });
  await client.connect();
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.end() });
}

async function valueOf(client: pg.Client, sql: string): Promise<unknown> {
  const { rows } = await client.query<{ value: unknown }>(sql);
  return rows[0]?.value;
}

/** Whether a statement of the service waits for a lock. */
const IS_BLOCKED = `select exists (select from pg_locks join pg_stat_activity using (pid)
  where not granted and datname = current_database()) as value`;

test('what another process takes up in the moment of its turn is sent by that process alone', async () => {
  await using history = await openHistory({ UPSTREAM_CONCURRENCY: '1' });
  await using session = await connect(history.place);
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
  await using observer = await connect(history.place);
  await expect.poll(() => valueOf(observer, IS_BLOCKED)).toBe(true);
  await session.query('commit');
  // Its caller waits for that process, whichever that is.
  await session.query(
    `update generation set state = 'failed', outcome = 'unknown', finished_at = now() where worker_id = '${OTHER}'`,
  );
  expect((await waiting).status).toBe(502);
  expect(history.simulator.totals.calls).toBe(1);
});
