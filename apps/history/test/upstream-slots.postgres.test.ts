import { v7 as uuidv7 } from 'uuid';
import { expect, test } from 'vitest';
import { openServiceDatabase } from '../src/boot/open-database.ts';
import { readConfig } from '../src/config/config.ts';
import { UpstreamSlotsRepository } from '../src/dispatch/upstream-slots.repository.ts';
import { DEFAULT_PROJECT_ID } from '../src/domain/project-id.ts';
import type { GenerationEntity } from '../src/ledger/generation.entity.ts';
import { insertRows } from '../src/ledger/json-rows.repository.ts';
import { LedgerRepository } from '../src/ledger/ledger.repository.ts';
import { openTestData } from './support/test-history.ts';

const LEASE_MS = 30_000;
const LIMITS = { concurrency: null, perMinute: 2 };

const QUEUED = {
  projectId: DEFAULT_PROJECT_ID,
  state: 'queued',
  source: 'api',
  model: 'wan2.7-image',
  outcome: null,
  error: null,
  sentAt: null,
  finishedAt: null,
  fingerprint: 'f',
  simulated: false,
  request: {},
  dropped: [],
  adapted: [],
};

test.each([
  ['gives its part of the minute back', true],
  ['of a process that died has it anew', false],
])('a generation whose slot was acquired and not used %s', async (_what, isReleased) => {
  await using testData = await openTestData();
  const database = await openServiceDatabase(readConfig(testData.environment));
  const { dataSource } = database;
  const ledger = new LedgerRepository(dataSource);
  const slots = new UpstreamSlotsRepository(dataSource);
  const workerId = uuidv7();
  await dataSource.query('insert into worker (id, seen_at) values ($1, now())', [workerId]);
  const record = async (prompt: string): Promise<string> => {
    const id = uuidv7();
    const generation = { ...QUEUED, id, prompt, workerId, createdAt: new Date() } as unknown as GenerationEntity;
    await insertRows(dataSource.manager, [{ generation, inputs: [], openResponse: null, rerunOf: null }]);
    return id;
  };
  const [one, other] = [await record('一'), await record('二')];
  await record('三');
  const acquired = async (): Promise<readonly string[]> =>
    (await slots.acquire(workerId, LIMITS, LEASE_MS)).map(({ id }) => id);
  const [first] = await slots.acquire(workerId, { ...LIMITS, perMinute: 1 }, LEASE_MS);
  expect(first?.id).toBe(one);
  // Nothing was sent with it.
  if (first !== undefined) await ledger.markNotSent(first, workerId);
  if (isReleased) await slots.release(one);
  // What is left of the minute: two, or one and what it had before.
  expect(new Set(await acquired())).toEqual(new Set(isReleased ? [one, other] : [one]));
  expect(await acquired()).toEqual(isReleased ? [] : [other]);
  expect(await acquired()).toEqual([]);
  await database.close();
});
