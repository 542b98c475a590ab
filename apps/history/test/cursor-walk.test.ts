import type { ListOrder } from '@wan-image/core';
import { below, randomOf } from '@wan-image/testing/random-response';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openServiceDatabase } from '../src/boot/open-database.ts';
import { readConfig } from '../src/config/config.ts';
import type { Database } from '../src/database/database.ts';
import { cursorOf, readCursor, type Position } from '../src/generations/cursor.ts';
import { ListsRepository } from '../src/generations/lists.repository.ts';
import { TextSearchRepository } from '../src/generations/text-search.repository.ts';
import { BinRepository } from '../src/ledger/bin.repository.ts';
import { PurgeRepository } from '../src/ledger/purge.repository.ts';
import { insertRows } from '../src/ledger/json-rows.repository.ts';
import { PURGE_PARTS } from '../src/library/library.repository.ts';
import { rowsOf, samplesOf, type Sample } from './support/filter-corpus.ts';
import { openTestData, type TestData } from './support/test-history.ts';

/** Many rows of one millisecond: their order is that of the random rest of their ids. */
const SAME_MS = Number(process.env['WALK_ROWS'] ?? 1_000);
const random = randomOf(1128);
const PROJECT = uuidv7();
const TIME = Date.now() - 3_600_000;

let testData: TestData & AsyncDisposable;
let database: Database;
let lists: ListsRepository;
let bin: BinRepository;
/** What is there all the time. */
let constant: readonly Sample[];

beforeAll(async () => {
  testData = await openTestData();
  database = await openServiceDatabase(readConfig(testData.environment));
  lists = new ListsRepository(database.reads, new TextSearchRepository(database.reads));
  bin = new BinRepository(database.dataSource);
  constant = [-2, -1, 0, 1, 2].flatMap((shift) => shown(TIME + shift, shift === 0 ? SAME_MS : SAME_MS / 20));
  await record(constant);
});
afterAll(async () => {
  await database.close();
  await testData[Symbol.asyncDispose]();
});

async function record(samples: readonly Sample[]): Promise<void> {
  for (let first = 0; first < samples.length; first += 100)
    await insertRows(database.dataSource.manager, samples.slice(first, first + 100).map(rowsOf));
}

/** Of the given time, outside of the bin, with images outside of it. */
function shown(time: number, count: number): readonly Sample[] {
  return samplesOf(random, count).map(({ generation, inputs }) => ({
    generation: Object.assign(generation, {
      id: uuidv7({ msecs: time }),
      projectId: PROJECT,
      state: 'succeeded',
      deletedAt: null,
    }),
    inputs,
    outputs: Array.from({ length: 1 + below(random, 3) }, (_, index) => ({
      index,
      sha256: 'a'.repeat(64),
      state: 'stored' as const,
      favorite: false,
      isDeleted: false,
    })),
    tags: [],
    parents: [],
  }));
}

const idsOf = (samples: readonly Sample[]): readonly string[] => samples.map(({ generation }) => generation.id);

/** Inserts, deletes, restores and deletes for good, until it is told to stop. What always is there, it leaves alone. */
async function disturb(others: readonly Sample[], isDone: () => boolean): Promise<number> {
  const scope = { projectId: PROJECT };
  const changing = new Set(idsOf(others));
  let changes = 0;
  while (!isDone()) {
    const some = [...changing].filter(() => random() < 0.1);
    const kind = random();
    if (kind < 0.3) {
      const more = shown(TIME - 3 + below(random, 7), 5);
      await record(more);
      for (const id of idsOf(more)) changing.add(id);
    } else if (kind < 0.55) await bin.deleteGenerations(scope, some);
    else if (kind < 0.85) await bin.restoreGenerations(scope, some);
    else {
      const gone = some.slice(0, 2);
      await new PurgeRepository(bin).purgeGenerations(scope, gone, PURGE_PARTS);
      for (const id of gone) changing.delete(id);
    }
    changes++;
  }
  return changes;
}

describe.each(['generations', 'images'] as const)('a walk through %s', (kind) => {
  test.each<ListOrder>(['desc', 'asc'])(
    'sees what is there all the time exactly once, whatever happens to the rest meanwhile: %s',
    async (order) => {
      const others = shown(TIME, SAME_MS / 10);
      await record(others);
      let isDone = false;
      const disturbed = disturb(others, () => isDone);

      const list = { kind, scope: { projectId: PROJECT }, filter: {}, order };
      const seen: Position[] = [];
      for (let cursor: string | null = null; ;) {
        const limit = 1 + below(random, 60);
        const request = { ...list, after: readCursor(cursor, list), limit };
        const page: readonly Position[] =
          kind === 'images'
            ? await lists.images(request)
            : (await lists.generations(request)).map((generationId) => ({ generationId, index: 0 }));
        seen.push(...page);
        const last = page.at(-1);
        if (page.length < limit || last === undefined) break;
        cursor = cursorOf(last, list);
      }
      isDone = true;
      expect(await disturbed).toBeGreaterThan(5);

      const keyOf = ({ generationId, index }: Position): string => `${generationId}-${index}`;
      const keys = seen.map(keyOf);
      expect(new Set(keys).size).toBe(keys.length);
      const ordered = keys.toSorted();
      if (kind === 'generations') expect(keys).toEqual(order === 'asc' ? ordered : ordered.toReversed());
      const expected = constant.flatMap(({ generation: { id }, outputs }) =>
        kind === 'images' ? outputs.map(({ index }) => `${id}-${index}`) : [`${id}-0`],
      );
      const found = new Set(keys);
      expect(expected.filter((key) => !found.has(key))).toEqual([]);
    },
  );
});
