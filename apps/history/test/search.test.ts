import { randomPrompt, randomSearch } from '@wan-image/testing/prompts';
import { randomOf } from '@wan-image/testing/random-response';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readConfig } from '../src/config/config.ts';
import type { Database } from '../src/database/database.ts';
import { openServiceDatabase } from '../src/boot/open-database.ts';
import { rangesOf } from '../src/domain/text-ranges.ts';
import { ALL_PROJECTS, type ReadScope } from '../src/domain/scope.ts';
import { ListsRepository } from '../src/generations/lists.repository.ts';
import { TextSearchRepository } from '../src/generations/text-search.repository.ts';
import { openTestData, type TestData } from './support/test-history.ts';
import { addTexts, normal, recordPrompts, wordsOf, type SearchedText } from './support/search-corpus.ts';

const PROJECTS = [uuidv7(), uuidv7(), uuidv7()] as const;
const ROWS = Number(process.env['SEARCH_ROWS'] ?? 2_000);
/** Few, so that both ways of the search are taken. */
const NEWEST = ROWS / 20;
/** A list is counted as far. */
const PAGE = 1_001;
const QUERIES = Number(process.env['SEARCH_QUERIES'] ?? 100);

let testData: TestData & AsyncDisposable;
let database: Database;
let lists: ListsRepository;
let texts: readonly SearchedText[];
const random = randomOf(20261128);

beforeAll(async () => {
  testData = await openTestData();
  database = await openServiceDatabase(readConfig(testData.environment));
  lists = new ListsRepository(database.reads, new TextSearchRepository(database.reads, NEWEST));
  const prompts = Array.from({ length: ROWS }, () => randomPrompt(random));
  texts = await addTexts(database.dataSource, await recordPrompts(database.dataSource, prompts, PROJECTS), random);
});
afterAll(async () => {
  await database.close();
  await testData[Symbol.asyncDispose]();
});

let normalized: readonly SearchedText[] | null = null;
function normalTexts(): readonly SearchedText[] {
  return (normalized ??= texts.map(({ id, projectId, prompt, texts: all }) => ({
    id,
    projectId,
    prompt,
    texts: all.map(normal),
  })));
}

/** The definition: each word stands in one of the texts, compared in memory. Newest first. */
function expected(search: string, projectId: string | null): readonly string[] {
  const words = wordsOf(search);
  return normalTexts()
    .filter((one) => projectId === null || one.projectId === projectId)
    .filter((one) => words.every((word) => one.texts.some((text) => text.includes(word))))
    .map(({ id }) => id)
    .toSorted()
    .toReversed();
}

/** The end of one text of a generation and the beginning of the next one, as one word: it stands in neither. */
function acrossTexts(): string {
  const several = texts.filter((one) => one.texts.length > 1);
  const { texts: [one = '', other = ''] = [] } = several[Math.floor(random() * several.length)] ?? {};
  return `${Array.from(one).at(-1) ?? ''}${Array.from(other)[0] ?? ''}`;
}

/** All of them, page by page: the time of a search is that of one page. */
async function found(search: string, projectId: string | null): Promise<readonly string[]> {
  const scope: ReadScope = { projectId: projectId ?? ALL_PROJECTS };
  const ids: string[] = [];
  for (;;) {
    const last = ids.at(-1);
    const after = last === undefined ? null : { generationId: last, index: 0 };
    const page = await lists.generations({ scope, filter: { q: search }, order: 'desc', after, limit: PAGE });
    ids.push(...page);
    if (page.length < PAGE) return ids;
  }
}

test('a search finds exactly what contains its words', async () => {
  const all = texts.flatMap((one) => one.texts);
  let hits = 0;
  for (let query = 0; query < QUERIES; query++) {
    const search = query % 10 === 9 ? acrossTexts() : randomSearch(random, all);
    const projectId = PROJECTS[query % 4] ?? null;
    const ids = expected(search, projectId);
    hits += ids.length;
    expect(await found(search, projectId), `${JSON.stringify(search)} in ${projectId}`).toEqual(ids);
  }
  expect(hits).toBeGreaterThan(QUERIES);
});

/** The same letter at the end of a word and elsewhere: which one depends on what stands around a part of a text. */
const sameSigma = (text: string): string => normal(text).replaceAll('ς', 'σ');

test('the ranges of a match cover what contains the word', () => {
  for (let query = 0; query < QUERIES; query++) {
    const { prompt } = texts[Math.floor(random() * texts.length)] as SearchedText;
    for (const word of wordsOf(randomSearch(random, [prompt]))) {
      const ranges = rangesOf(prompt, [word]);
      expect(ranges.length > 0, `${word} in ${prompt}`).toBe(normal(prompt).includes(word));
      for (const [start, end] of ranges) expect(sameSigma(prompt.slice(start, end))).toContain(sameSigma(word));
    }
  }
});
