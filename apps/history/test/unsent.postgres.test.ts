import { acceptRequest } from '@wan-image/core';
import { v7 as uuidv7 } from 'uuid';
import { afterEach, expect, test, vi } from 'vitest';
import { openServiceDatabase } from '../src/boot/open-database.ts';
import { readConfig } from '../src/config/config.ts';
import { DEFAULT_PROJECT_ID } from '../src/domain/project-id.ts';
import { PeriodicTasks } from '../src/jobs/periodic-tasks.ts';
import { ShutdownPhases } from '../src/jobs/shutdown-phases.ts';
import { Ledger, type NewGeneration } from '../src/ledger/ledger.service.ts';
import { LedgerRepository } from '../src/ledger/ledger.repository.ts';
import { OutcomeRecorder } from '../src/ledger/outcome-recorder.service.ts';
import { Prices } from '../src/spending/prices.ts';
import { SpendRepository } from '../src/spending/spend.repository.ts';
import { SpendService } from '../src/spending/spend.service.ts';
import { createLogger } from '../src/telemetry/logger.ts';
import { onDatabase } from './support/on-database.ts';
import { openTestData } from './support/test-history.ts';

const MOST = 10_000;
const HOUR_MS = 3_600_000;
const WORKER = uuidv7();

const parsed = acceptRequest({ model: 'wan2.7-image', prompt: '花' });
if (!parsed.ok) throw new Error('The request is refused');
const request: NewGeneration = {
  accepted: { ...parsed.value, adapted: [] },
  inputs: [],
  source: 'api',
  projectId: DEFAULT_PROJECT_ID,
  apiKeyId: null,
  limits: { spendLimit: null, spendPeriod: null },
  fingerprint: 'f',
  idempotencyKey: null,
  rerunOf: null,
  waiting: null,
};

afterEach(() => {
  vi.restoreAllMocks();
});

test('of requests that were not sent, only those that may have a row are remembered, and at their ceiling nothing more is recorded', async () => {
  await using testData = await openTestData();
  const database = await openServiceDatabase(readConfig(testData.environment));
  const { dataSource, clock } = database;
  await using _closing = { [Symbol.asyncDispose]: () => database.close() };
  const logger = createLogger('silent');
  const tasks = new PeriodicTasks(logger);
  const repository = new LedgerRepository(dataSource);
  const outcomes = new OutcomeRecorder(repository, tasks, new ShutdownPhases(), clock, null, logger);
  const prices = new Prices({ prices: new Map(), currency: 'CNY', upstream: { kind: 'simulator' } });
  const spending = new SpendService(new SpendRepository(dataSource), prices, clock);
  const ledger = new Ledger(repository, outcomes, spending, tasks, clock);
  const insert = (): Promise<unknown> => ledger.insert(request, { state: 'running', workerId: WORKER });
  const rows = async (): Promise<number> => (await onDatabase(testData, 'select from generation')).length;

  for (let count = 1; count < MOST; count++) outcomes.markNotSent({ id: uuidv7(), reserved: null }, WORKER);
  // Refused by the database: it surely has no row.
  await onDatabase(testData, 'alter table generation rename to gone');
  await expect(insert()).rejects.toThrow('does not exist');
  await onDatabase(testData, 'alter table gone rename to generation');
  expect(outcomes.isFull).toBe(false);

  // The session ends while it commits.
  await onDatabase(
    testData,
    `create function break_off() returns trigger language plpgsql as
       $$ begin perform pg_terminate_backend(pg_backend_pid()); return null; end $$;
     create constraint trigger break_off after insert on generation deferrable initially deferred
       for each row execute function break_off()`,
  );
  await expect(insert()).rejects.toThrow();
  expect(outcomes.isFull).toBe(true);
  await onDatabase(testData, 'drop function break_off cascade');
  await expect(insert()).rejects.toThrow('Too many rows have an unknown commit');
  expect(await rows()).toBe(0);

  // They may still appear for an hour.
  await outcomes.flush();
  expect(outcomes.isFull).toBe(true);
  const later = performance.now() + HOUR_MS + 1;
  vi.spyOn(performance, 'now').mockImplementation(() => later);
  await outcomes.flush();
  vi.restoreAllMocks();
  expect(outcomes.isFull).toBe(false);
  expect(await insert()).toHaveProperty('generation');
  expect(await rows()).toBe(1);
});
