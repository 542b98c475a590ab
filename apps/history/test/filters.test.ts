import { FILTER_NAMES, type GenerationFilter, type ListOrder } from '@wan-image/core';
import { below, randomOf } from '@wan-image/testing/random-response';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openServiceDatabase } from '../src/boot/open-database.ts';
import { readConfig } from '../src/config/config.ts';
import type { Database } from '../src/database/database.ts';
import { ALL_PROJECTS, type ReadScope } from '../src/domain/scope.ts';
import type { Position } from '../src/generations/cursor.ts';
import { ListsRepository } from '../src/generations/lists.repository.ts';
import { TextSearchRepository } from '../src/generations/text-search.repository.ts';
import {
  imagesSelected,
  PARTS,
  PROJECTS,
  recordSamples,
  samplesOf,
  selects,
  type Sample,
} from './support/filter-corpus.ts';
import { openTestData, type TestData } from './support/test-history.ts';

const ROWS = Number(process.env['FILTER_ROWS'] ?? 200);
const COMBINATIONS = Number(process.env['FILTER_COMBINATIONS'] ?? 60);
const random = randomOf(4711);

let testData: TestData & AsyncDisposable;
let database: Database;
let lists: ListsRepository;
let samples: readonly Sample[];

beforeAll(async () => {
  testData = await openTestData();
  database = await openServiceDatabase(readConfig(testData.environment));
  lists = new ListsRepository(database.reads, new TextSearchRepository(database.reads, ROWS / 10));
  samples = samplesOf(random, ROWS);
  await recordSamples(database.dataSource, samples);
});
afterAll(async () => {
  await database.close();
  await testData[Symbol.asyncDispose]();
});

function filterOf(names: readonly (keyof GenerationFilter)[]): GenerationFilter {
  return Object.fromEntries(names.map((name) => [name, PARTS[name](random, samples)]));
}

/** The samples of a scope, in the order of a list. */
function ofScope({ projectId }: ReadScope, order: ListOrder): readonly Sample[] {
  const all = samples
    .filter(({ generation }) => projectId === ALL_PROJECTS || generation.projectId === projectId)
    .toSorted((one, other) => (one.generation.id < other.generation.id ? -1 : 1));
  return order === 'asc' ? all : all.toReversed();
}

/** All rows of a list, page by page. */
async function walk<T>(
  read: (after: Position | null, limit: number) => Promise<readonly T[]>,
  positionOf: (row: T) => Position,
): Promise<readonly T[]> {
  const rows: T[] = [];
  for (;;) {
    const limit = 1 + below(random, 40);
    const last = rows.at(-1);
    const page = await read(last === undefined ? null : positionOf(last), limit);
    rows.push(...page);
    if (page.length < limit) return rows;
  }
}

async function compare(filter: GenerationFilter): Promise<number> {
  const scope: ReadScope = { projectId: random() < 0.2 ? ALL_PROJECTS : PROJECTS[0] };
  const order = filter.q === undefined && random() < 0.5 ? 'asc' : 'desc';
  const expected = ofScope(scope, order);
  const what = JSON.stringify({ filter, order, all: scope.projectId === ALL_PROJECTS });
  const ids = await walk(
    (after, limit) => lists.generations({ scope, filter, order, after, limit }),
    (generationId) => ({ generationId, index: 0 }),
  );
  expect(ids, `generations: ${what}`).toEqual(
    expected.filter((sample) => selects(filter, sample)).map(({ generation }) => generation.id),
  );
  const images = await walk(
    (after, limit) => lists.images({ scope, filter, order, after, limit }),
    (position) => position,
  );
  expect(images, `images: ${what}`).toEqual(
    expected.flatMap((sample) =>
      imagesSelected(filter, sample).map((index) => ({ generationId: sample.generation.id, index })),
    ),
  );
  expect(await lists.count('images', scope, filter)).toBe(Math.min(images.length, 1001));
  return ids.length;
}

test('each part of a filter, and each two of them, select what they say', async () => {
  let hits = 0;
  for (const one of FILTER_NAMES)
    for (const other of FILTER_NAMES) if (one <= other) hits += await compare(filterOf([one, other]));
  expect(hits).toBeGreaterThan(ROWS);
});

test('any combination of parts selects what all of them say', async () => {
  let hits = 0;
  for (let combination = 0; combination < COMBINATIONS; combination++)
    hits += await compare(filterOf(FILTER_NAMES.filter(() => random() < 0.2)));
  expect(hits).toBeGreaterThan(COMBINATIONS);
});
