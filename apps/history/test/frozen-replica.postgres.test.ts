import pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { expect, test, vi } from 'vitest';
import { readConfig } from '../src/config/config.ts';
import { openServiceDatabase } from '../src/boot/open-database.ts';
import { MAX_LOCKING } from '../src/database/limits.ts';
import { UpstreamSlotsRepository } from '../src/dispatch/upstream-slots.repository.ts';
import { DEFAULT_PROJECT_ID } from '../src/domain/project-id.ts';
import type { GenerationEntity } from '../src/ledger/generation.entity.ts';
import { LedgerRepository } from '../src/ledger/ledger.repository.ts';
import { ADMIN, ADMIN_API_KEY, bearer, createKey } from './support/access.ts';
import { onDatabase } from './support/on-database.ts';
import { fetchChecked, generate, get } from './support/requests.ts';
import { openHistory, openTestData } from './support/test-history.ts';

const request = { model: 'wan2.7-image', prompt: '冻', size: '1K' };

function newGeneration(): GenerationEntity {
  const nothing = { outcome: null, error: null, sentAt: null, finishedAt: null, fingerprint: 'f', simulated: false };
  const row = { id: uuidv7(), projectId: DEFAULT_PROJECT_ID, state: 'queued', source: 'api', model: 'wan2.7-image' };
  return {
    ...row,
    ...nothing,
    prompt: '冻',
    request: {},
    dropped: [],
    adapted: [],
    createdAt: new Date(),
  } as unknown as GenerationEntity;
}

test('a replica that is frozen within a transaction loses its key and its budget to the others', async () => {
  await using testData = await openTestData();
  const database = await openServiceDatabase(readConfig(testData.environment));
  const ledger = new LedgerRepository(database.dataSource);
  const claim = { projectId: DEFAULT_PROJECT_ID, key: 'k' };
  const reservation = { apiKeyId: uuidv7(), period: 'total', amount: 10, limit: 10 } as const;
  const entered = Promise.withResolvers<void>();
  const thawed = Promise.withResolvers<void>();
  // The client does nothing more, as a process does after SIGSTOP.
  const frozen = ledger.insert(
    { generation: newGeneration(), inputs: [], openResponse: null, rerunOf: null },
    claim,
    reservation,
    async () => {
      entered.resolve();
      await thawed.promise;
    },
  );
  const ended = frozen.then(
    () => 'recorded',
    () => 'failed',
  );
  // Rejects if it fails before.
  await Promise.race([entered.promise, frozen]);
  expect(
    await ledger.insert(
      { generation: newGeneration(), inputs: [], openResponse: null, rerunOf: null },
      claim,
      reservation,
    ),
  ).toBeNull();
  thawed.resolve();
  expect(await ended).toBe('failed');
  expect(await database.dataSource.query('select reserved::int from key_spend')).toEqual([{ reserved: 10 }]);
  await database.close();
});

test('slots are acquired by one message to the server, so no replica is frozen while it has their lock', async () => {
  await using testData = await openTestData();
  const database = await openServiceDatabase(readConfig(testData.environment));
  const slots = new UpstreamSlotsRepository(database.dataSource);
  const query = vi.spyOn(pg.Client.prototype, 'query');
  try {
    expect(await slots.acquire(uuidv7(), { concurrency: 1, perMinute: 1 }, 30_000)).toEqual([]);
    expect(query).toHaveBeenCalledOnce();
  } finally {
    query.mockRestore();
  }
  await database.close();
});

test('requests that wait for one budget leave connections to reads, to key checks and to other requests', async () => {
  const settings = { ADMIN_API_KEY, PRICES: 'wan2.7-image=0.20,wan2.7-image-pro=0.50' };
  await using history = await openHistory(settings);
  const { key } = await createKey(history.url, { spend_limit: { amount: '90.00', period: 'total' } });
  expect((await generate(history.url, request, bearer(key))).status).toBe(200);
  const session = new pg.Client({ connectionString: history.testData.environment['DATABASE_URL'] });
  await session.connect();
  await session.query('begin; select from key_spend for update');
  const waiting = Array.from({ length: 20 }, (_, number) =>
    generate(history.url, { ...request, prompt: `等${number}` }, bearer(key)),
  );
  const blocked = async (): Promise<number> => {
    const { rows } = await session.query<{ count: number }>(
      `select count(*)::int as count from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`,
    );
    return rows[0]?.count ?? 0;
  };
  // As many as wait for the lock itself, and not for their turn in the process.
  await expect.poll(blocked).toBeGreaterThan(3);
  expect(await blocked()).toBeLessThanOrEqual(MAX_LOCKING);
  expect((await fetchChecked(`${history.url}/readyz`)).status).toBe(200);
  expect((await get(history.url, '/v1/generations', bearer(key))).status).toBe(200);
  expect((await generate(history.url, { ...request, prompt: '不等' }, ADMIN)).status).toBe(200);
  await session.query('rollback');
  await session.end();
  // On a slow machine some have waited for the lock for ten seconds.
  for (const { status } of await Promise.all(waiting)) expect([200, 503]).toContain(status);
});

test('while the database is away, reads are refused with a code, and an image by its signed URL is served', async () => {
  await using history = await openHistory({ ADMIN_API_KEY });
  const response = await generate(history.url, request, ADMIN);
  const name = new URL(history.testData.environment['DATABASE_URL'] ?? '').pathname.slice(1);
  // A database cannot close itself: another one of the server does it.
  const server = new URL(history.testData.environment['DATABASE_URL'] ?? '');
  server.pathname = '/postgres';
  const onServer = (sql: string): Promise<unknown> =>
    onDatabase({ ...history.testData, environment: { DATABASE_URL: server.href } }, sql);
  await onServer(`alter database "${name}" with allow_connections false`);
  await onServer(`select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`);
  const path = `/v1/generations/${response.headers.get('x-generation-id')}`;
  for (const read of ['/v1/generations', path, `${path}/events`, '/v1/projects', '/v1/api-keys']) {
    const refused = await fetchChecked(history.url + read, { headers: ADMIN });
    expect([refused.status, refused.headers.get('retry-after'), await refused.json()]).toEqual([
      503,
      '5',
      { error: expect.objectContaining({ code: 'database_unavailable', type: 'server_error' }) as unknown },
    ]);
  }
  const image = await fetchChecked(response.body.data[0]?.url ?? '');
  expect([image.status, image.headers.get('content-type')]).toEqual([200, 'image/png']);
  // The service deletes its lease when it closes.
  await onServer(`alter database "${name}" with allow_connections true`);
});
