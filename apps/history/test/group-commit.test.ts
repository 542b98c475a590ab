import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { readConfig } from '../src/config/config.ts';
import { type Database } from '../src/database/database.ts';
import { openServiceDatabase } from '../src/boot/open-database.ts';
import { DEFAULT_PROJECT_ID } from '../src/domain/project-id.ts';
import { OutcomeRecorder } from '../src/ledger/outcome-recorder.service.ts';
import type { NewImage } from '../src/ledger/generation-image.entity.ts';
import type { GenerationEntity } from '../src/ledger/generation.entity.ts';
import { PeriodicTasks } from '../src/jobs/periodic-tasks.ts';
import { ShutdownPhases } from '../src/jobs/shutdown-phases.ts';
import { LedgerRepository, type KeyClaim, type RecordedEnd } from '../src/ledger/ledger.repository.ts';
import type { NewRows } from '../src/ledger/json-rows.repository.ts';
import { GenerationsRepository } from '../src/generations/generations.repository.ts';
import { createLogger } from '../src/telemetry/logger.ts';
import { openTestData, type TestData } from './support/test-history.ts';

let testData: TestData & AsyncDisposable;
let database: Database;
let ledger: LedgerRepository;
let reads: GenerationsRepository;
beforeAll(async () => {
  testData = await openTestData();
  database = await openServiceDatabase(readConfig(testData.environment));
  ledger = new LedgerRepository(database.dataSource);
  reads = new GenerationsRepository(database.dataSource);
});
afterAll(async () => {
  await database.close();
  await testData[Symbol.asyncDispose]();
});

function running(prompt: string, attempts: number | null = null): GenerationEntity {
  const now = new Date();
  return {
    id: uuidv7(),
    projectId: DEFAULT_PROJECT_ID,
    state: 'running',
    outcome: null,
    source: 'api',
    model: 'wan2.7-image',
    prompt,
    request: {},
    dropped: [],
    clientUser: null,
    metadata: null,
    adapted: [],
    error: null,
    upstreamRequestId: null,
    upstreamStatus: null,
    attempts,
    upstreamExtra: null,
    upstreamMessage: null,
    simulated: false,
    createdAt: now,
    fingerprint: prompt,
    responseStatus: null,
    responseCreated: null,
    apiKeyId: null,
    reserved: null,
    cost: null,
    currency: null,
    spendPeriodStart: null,
    workerId: null,
    cancelRequestedAt: null,
    resolvedAt: null,
    sentAt: now,
    finishedAt: null,
    note: null,
    deletedAt: null,
  };
}

function rowsOf(generation: GenerationEntity, inputs: readonly NewImage[] = []): NewRows {
  return { generation, inputs, openResponse: null, rerunOf: null };
}

function ending(changes: Partial<RecordedEnd> = {}): RecordedEnd {
  return {
    state: 'succeeded',
    outcome: 'billed',
    error: null,
    upstreamRequestId: null,
    upstreamStatus: 200,
    attempts: 1,
    upstreamMessage: null,
    upstreamExtra: null,
    responseStatus: 200,
    responseCreated: 1_700_000_000,
    finishedAt: new Date(),
    ...changes,
  };
}

function image(role: 'input' | 'output', sourceUrl: string): NewImage {
  const unknown = { sha256: null, width: null, height: null, bytes: null, mimeType: null, revisedPrompt: null };
  return { role, index: 0, state: 'pending', sourceUrl, ...unknown };
}

function claim(key: string): KeyClaim {
  return { projectId: DEFAULT_PROJECT_ID, key };
}

function newRecorder(): OutcomeRecorder {
  const logger = createLogger('silent');
  return new OutcomeRecorder(ledger, new PeriodicTasks(logger), new ShutdownPhases(), database.clock, null, logger);
}

/** The result of a call, and the number of statements it sends. */
async function counted<T>(work: () => Promise<T>): Promise<{ readonly came: T; readonly statements: number }> {
  let statements = 0;
  const { logger } = database.dataSource;
  database.dataSource.logger = Object.assign(Object.create(logger) as typeof logger, {
    logQuery: () => void statements++,
  });
  try {
    return { came: await work(), statements };
  } finally {
    database.dataSource.logger = logger;
  }
}

const many = Array.from({ length: 40 }, (_, number) => number);

test('forty concurrent generations are each inserted and ended with their own data, in a few statements', async () => {
  const generations = many.map((number) => running(`one of forty, ${number}`));
  const inserted = await counted(() =>
    Promise.all(
      generations.map((generation, number) =>
        ledger.insert(rowsOf(generation, [image('input', `https://a.example/${number}.png`)]), null, null),
      ),
    ),
  );
  expect(inserted.came).toEqual(many.map(() => null));
  expect(inserted.statements).toBeLessThan(6);
  const ended = await counted(() =>
    Promise.all(
      generations.map((generation, number) =>
        number % 2 === 0
          ? ledger.end(generation, ending(), [image('output', `https://b.example/${number}.png`)])
          : ledger.end(generation, ending({ state: 'failed', outcome: 'not_billed', responseStatus: 400 }), []),
      ),
    ),
  );
  expect(ended.came).toEqual(many.map(() => true));
  expect(ended.statements).toBeLessThan(6);
  const found = await reads.findMany(generations.map(({ id }) => id));
  expect(found).toHaveLength(40);
  for (const { generation, images } of found) {
    const number = Number(generation.prompt.split(' ').at(-1));
    const isEven = number % 2 === 0;
    expect(generation).toMatchObject({ state: isEven ? 'succeeded' : 'failed', responseStatus: isEven ? 200 : 400 });
    expect(new Set(images.map(({ sourceUrl }) => sourceUrl))).toEqual(
      new Set([`https://a.example/${number}.png`, ...(isEven ? [`https://b.example/${number}.png`] : [])]),
    );
  }
});

test('a row that the database rejects fails alone', async () => {
  const tooLarge = 2 ** 31;
  const generations = many.map((number) => running(`a bad one, ${number}`, number === 20 ? tooLarge : null));
  const inserted = await Promise.allSettled(
    generations.map((generation) => ledger.insert(rowsOf(generation), null, null)),
  );
  const all = (except: number): string[] => many.map((number) => (number === except ? 'rejected' : 'fulfilled'));
  expect(inserted.map(({ status }) => status)).toEqual(all(20));
  const ended = await Promise.allSettled(
    generations.map((generation, number) =>
      ledger.end(generation, ending(number === 30 ? { attempts: tooLarge } : {}), []),
    ),
  );
  expect(ended.map(({ status }) => status)).toEqual(all(30));
  expect(ended.map((one) => one.status === 'fulfilled' && one.value)).toEqual(
    many.map((number) => number !== 20 && number !== 30),
  );
  const found = await reads.findMany(generations.map(({ id }) => id));
  expect(found.filter(({ generation }) => generation.state === 'succeeded')).toHaveLength(38);
});

test('of concurrent generations with one key, one is inserted, and the others get its id', async () => {
  const generations = many.map((number) => running(`a twin, ${number}`));
  const existing = await Promise.all(
    generations.map((generation) => ledger.insert(rowsOf(generation), claim('of twins'), null)),
  );
  const [first, ...others] = await reads.findMany(generations.map(({ id }) => id));
  expect(others).toEqual([]);
  expect(existing.filter((key) => key === null)).toHaveLength(1);
  for (const key of existing) if (key !== null) expect(key.generationId).toBe(first?.generation.id);
});

test('of generations that end together, only those not billed release their keys', async () => {
  const generations = many.map((number) => running(`with a key, ${number}`));
  for (const [number, generation] of generations.entries()) {
    await ledger.insert(rowsOf(generation), claim(`at once ${number}`), null);
  }
  const free = ending({ state: 'failed', outcome: 'not_billed', responseStatus: 400 });
  await Promise.all(
    generations.map((generation, number) => ledger.end(generation, number % 2 === 0 ? ending() : free, [])),
  );
  for (const [number, { id }] of generations.entries()) {
    const key = await ledger.findKey({
      projectId: DEFAULT_PROJECT_ID,
      key: `at once ${number}`,
    });
    expect(key?.generationId).toBe(number % 2 === 0 ? id : undefined);
  }
});

test('a record inserted after its process gave up on it ends as not sent', async () => {
  const outcomes = newRecorder();
  const workerId = uuidv7();
  const late = Object.assign(running('late'), { workerId });
  outcomes.markNotSent(late, workerId);
  // More ids than a statement has parameters: a long database outage rejects that many requests.
  for (let count = 0; count < 70_000; count++) outcomes.markNotSent({ id: uuidv7(), reserved: null }, workerId);
  await outcomes.flush();
  await ledger.insert(rowsOf(late), null, null);
  await outcomes.flush();
  expect(await reads.find(late.id)).toMatchObject({
    generation: { state: 'failed', outcome: 'not_billed', error: { code: 'not_recorded' } },
  });
});

test('a not-sent outcome stays buffered until the database accepts it, however long that takes', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  try {
    const outcomes = newRecorder();
    const workerId = uuidv7();
    const late = Object.assign(running('after a long while'), { workerId });
    outcomes.markNotSent(late, workerId);
    await ledger.insert(rowsOf(late), null, null);
    vi.advanceTimersByTime(2 * 60 * 60 * 1000);
    const away = vi.spyOn(ledger, 'existingIds').mockRejectedValueOnce(new Error('away'));
    await outcomes.flush();
    expect(away).toHaveBeenCalledOnce();
    await outcomes.flush();
    expect(await reads.find(late.id)).toMatchObject({ generation: { state: 'failed', outcome: 'not_billed' } });
  } finally {
    vi.useRealTimers();
  }
});

test('of generations that end together, one that has already ended is unchanged', async () => {
  const generations = many.map((number) => running(`ends twice, ${number}`));
  for (const generation of generations) await ledger.insert(rowsOf(generation), null, null);
  const [first] = generations;
  if (first === undefined) throw new Error('there are forty');
  const before = ending({ state: 'failed', outcome: 'billed', responseStatus: 502 });
  expect(await ledger.end(first, before, [])).toBe(true);
  const counting = await Promise.all(
    generations.map((generation) =>
      ledger.end(generation, ending({ finishedAt: new Date(Date.now() + 5) }), [
        image('output', 'https://c.example/1.png'),
      ]),
    ),
  );
  expect(counting).toEqual(many.map((number) => number !== 0));
  // The confirmation of the first write was lost, and the write is retried: the stored outcome is its own.
  expect(await ledger.end(first, before, [])).toBe(true);
  expect(await reads.find(first.id)).toMatchObject({
    generation: { state: 'failed', responseStatus: 502 },
    images: [],
  });
});

test('images settled together each get their own state, and one that is already settled is unchanged', async () => {
  const generations = many.map((number) => running(`settles, ${number}`));
  await Promise.all(
    generations.map((generation, number) =>
      ledger.insert(rowsOf(generation, [image('input', `https://d.example/${number}.png`)]), null, null),
    ),
  );
  const keyOf = ({ id }: GenerationEntity) => ({ generationId: id, role: 'input', index: 0 }) as const;
  const kept = { state: 'stored', bytes: 7, width: 1, height: 1, mimeType: 'image/png' } as const;
  const settled = await counted(() =>
    Promise.all(
      generations.map((generation, number) =>
        number % 2 === 0
          ? ledger.settleImage(keyOf(generation), { ...kept, sha256: String(number), sourceUrl: null })
          : ledger.loseImage(keyOf(generation)),
      ),
    ),
  );
  expect(settled.statements).toBeLessThan(6);
  await Promise.all(generations.map((generation) => ledger.loseImage(keyOf(generation))));
  for (const [number, generation] of generations.entries()) {
    expect(await reads.findImage(keyOf(generation))).toMatchObject(
      number % 2 === 0
        ? { ...kept, sha256: String(number), sourceUrl: null }
        : { state: 'lost', sha256: null, sourceUrl: `https://d.example/${number}.png` },
    );
  }
});

test('of many conflicting resolutions of one generation at once, exactly one counts', async () => {
  const generation = running('of unknown outcome');
  await ledger.insert(rowsOf(generation), null, null);
  await ledger.end(generation, ending({ state: 'failed', outcome: 'unknown' }), []);
  const scope = { projectId: DEFAULT_PROJECT_ID };
  // With these in flight, ends that arrive meanwhile would go into one batch.
  const busy = many.map((number) => ledger.end(running(`busy ${number}`), ending(), []));
  const outcomes = many.map((number) => (number % 2 === 0 ? 'billed' : 'not_billed'));
  const counts = await Promise.all(
    outcomes.map((outcome) => ledger.resolve(generation.id, scope, outcome, new Date())),
  );
  await Promise.all(busy);
  const counting = outcomes.filter((_, index) => counts[index]);
  const [found] = await reads.findMany([generation.id]);
  expect(counting).toEqual([found?.generation.outcome]);
});
