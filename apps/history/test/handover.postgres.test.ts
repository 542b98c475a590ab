import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { GenerationList } from '@wan-image/core';
import { expect, test } from 'vitest';
import { readConfig } from '../src/config/config.ts';
import { openServiceDatabase } from '../src/boot/open-database.ts';
import { generate, get } from './support/requests.ts';
import { openTestData, runHistory, runSimulator, upstreamAt, type TestData } from './support/test-history.ts';

const request = { model: 'wan2.7-image', prompt: '明天还在', size: '1K' };

async function query(testData: TestData, sql: string): Promise<void> {
  const database = await openServiceDatabase(readConfig(testData.environment));
  await database.dataSource.query(sql);
  await database.close();
}

test('a service on the same DATA_DIR knows that its predecessor is dead, and does not wait for the lease to expire', async () => {
  await using testData = await openTestData();
  await using simulator = await runSimulator();
  {
    await using history = await runHistory(testData, upstreamAt(simulator.url));
    await generate(history.url, request);
  }
  const predecessor = randomUUID();
  await mkdir(join(testData.dataDir, 'worker'), { recursive: true });
  await writeFile(join(testData.dataDir, 'worker', 'id'), `${predecessor}\n`);
  await query(testData, `insert into worker (id, seen_at) values ('${predecessor}', now())`);
  await query(
    testData,
    `update generation set state = 'running', outcome = null, finished_at = null, worker_id = '${predecessor}'`,
  );
  await using history = await runHistory(testData, upstreamAt(simulator.url));
  const { data } = (await get<GenerationList>(history.url, '/v1/generations')).body;
  expect(data).toMatchObject([{ state: 'failed', outcome: 'unknown' }]);
});

test('a service that shares a DATA_DIR with a running one does not claim its generations', async () => {
  await using testData = await openTestData();
  await using simulator = await runSimulator();
  await using first = await runHistory(testData, upstreamAt(simulator.url));
  const response = generate(first.url, { ...request, prompt: '慢 [[simulate delay=1000]]' });
  await expect.poll(() => first.inFlight()).toBe(1);
  await using second = await runHistory(testData, upstreamAt(simulator.url));
  const { data } = (await get<GenerationList>(second.url, '/v1/generations')).body;
  expect(data).toMatchObject([{ state: 'running' }]);
  expect((await response).status).toBe(200);
});
