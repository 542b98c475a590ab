import pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { expect, test, vi } from 'vitest';
import { readConfig } from '../src/config/config.ts';
import { openServiceDatabase } from '../src/boot/open-database.ts';
import { UpstreamSlotsRepository } from '../src/dispatch/upstream-slots.repository.ts';
import { openTestData } from './support/test-history.ts';

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
