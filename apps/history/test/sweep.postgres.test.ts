import { expect, test } from 'vitest';
import { readConfig } from '../src/config/config.ts';
import { openServiceDatabase } from '../src/boot/open-database.ts';
import { WorkerLeasesRepository } from '../src/dispatch/worker-leases.repository.ts';
import { openTestData, runHistory } from './support/test-history.ts';

const LEASE_MS = 30_000;

test('a running service is detected from outside, so that a full garbage collection can be rejected', async () => {
  await using testData = await openTestData();
  const database = await openServiceDatabase(readConfig(testData.environment));
  const repository = new WorkerLeasesRepository(database.dataSource);
  expect(await repository.isAnySeenWithin(LEASE_MS)).toBe(false);
  {
    await using _history = await runHistory(testData);
    expect(await repository.isAnySeenWithin(LEASE_MS)).toBe(true);
  }
  expect(await repository.isAnySeenWithin(LEASE_MS)).toBe(false);
  await database.dataSource.query(
    `insert into worker (id, seen_at) values (gen_random_uuid(), now() - interval '1 minute')`,
  );
  expect(await repository.isAnySeenWithin(LEASE_MS)).toBe(false);
  await database.close();
});

test('the files of a batch are looked up by their index, without a scan of all rows', async () => {
  await using testData = await openTestData();
  const database = await openServiceDatabase(readConfig(testData.environment));
  await database.dataSource.query('set enable_seqscan = off');
  const plan = await database.dataSource.query<object[]>(
    `explain select sha256 from generation_image where sha256 = any($1)`,
    [['a'.repeat(64), 'b'.repeat(64)]],
  );
  expect(JSON.stringify(plan)).toContain('Index Scan');
  await database.close();
});
