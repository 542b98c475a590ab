import type { BackgroundJob, GenerationList } from '@wan-image/core';
import { expect, test } from 'vitest';
import { openServiceDatabase } from '../src/boot/open-database.ts';
import { readConfig } from '../src/config/config.ts';
import { DEFAULT_PROJECT_ID } from '../src/domain/project-id.ts';
import { openDatabaseProxy } from './support/database-proxy.ts';
import { onDatabase } from './support/on-database.ts';
import { get, send } from './support/requests.ts';
import { openTestData, runHistory, type TestData } from './support/test-history.ts';
import { recordPrompts } from './support/search-corpus.ts';

/** Several steps. */
const MANY = 450;

async function record(testData: TestData): Promise<void> {
  const database = await openServiceDatabase(readConfig(testData.environment));
  const prompts = Array.from({ length: MANY }, (_, index) => `整理 ${index}`);
  await recordPrompts(database.dataSource, prompts, [DEFAULT_PROJECT_ID]);
  await database.close();
}

/** A proxy for the database; on demand, a session is closed once the server has committed a step of a job, before the client knows. */
async function openLossyProxy(databaseUrl: string) {
  const state = { losses: 0, lost: 0 };
  const proxy = await openDatabaseProxy(databaseUrl, () => {
    let hasStep = false;
    let isCommitting = false;
    return {
      onRequest: (packet) => {
        hasStep ||= packet.includes('UPDATE "background_job"');
        isCommitting = packet.includes('COMMIT');
      },
      onResponse: (packet, client, server) => {
        const isCommitted = hasStep && isCommitting;
        if (isCommitted) hasStep = false;
        if (isCommitted && state.losses > 0) {
          state.losses--;
          state.lost++;
          server.destroy();
        } else client.write(packet);
      },
    };
  });
  return { ...proxy, state };
}

const tidy = { filter: { q: '整理' }, action: 'update', add_tags: ['tidy'] };

async function submit(url: string): Promise<string> {
  return (await send<BackgroundJob>(`${url}/v1/generations/bulk`, { method: 'POST', body: tidy })).body.id;
}

const done = { state: 'succeeded', done: MANY, total: MANY, result: { matched: MANY, changed: MANY, skipped: 0 } };

test.each([1, 3])('a step whose commit is not confirmed, %i in a row, is not counted twice', async (times) => {
  await using testData = await openTestData();
  await record(testData);
  using proxy = await openLossyProxy(testData.environment['DATABASE_URL'] ?? '');
  await using history = await runHistory(testData, { DATABASE_URL: proxy.url });
  proxy.state.losses = times;
  const id = await submit(history.url);
  await expect.poll(async () => (await get<BackgroundJob>(history.url, `/v1/jobs/${id}`)).body).toMatchObject(done);
  expect(proxy.state.lost).toBe(times);
  const { body } = await get<GenerationList>(history.url, '/v1/generations?tag=tidy&count=true');
  expect(body.count).toEqual({ value: MANY, capped: false });
});

test('a job waits for a database that is away', async () => {
  await using testData = await openTestData();
  await record(testData);
  await using history = await runHistory(testData, {}, { longestIntervalMs: 200 });
  // The code of a server without a free session, from each step.
  await onDatabase(
    testData,
    `create function refuse() returns trigger language plpgsql as $$ begin raise exception 'no' using errcode = '53300'; end $$;
     create trigger refuse before update of progress on background_job for each row execute function refuse()`,
  );
  const id = await submit(history.url);
  await expect.poll(() => history.logs.join('')).toContain('a background job waits for the database');
  await onDatabase(testData, 'drop trigger refuse on background_job');
  await expect.poll(async () => (await get<BackgroundJob>(history.url, `/v1/jobs/${id}`)).body).toMatchObject(done);
});
