import type pg from 'pg';
import { row, type Row } from '../support/report.ts';
import { projectIds } from './generations.ts';
import { workOf } from './measured.ts';
import { searchWorks } from './queries.ts';
import type { Reader } from './reader.ts';

/** Of each kind of search. */
const QUERIES = 8;

/** Generations that are compared, from the newest: two pages. */
const COMPARED = 200;
const MAX_COUNT = 1_000;

interface Expected {
  readonly q: string;
  readonly words: readonly string[];
  readonly projectId: string;
  /** Ids that contain all words. */
  readonly ids: string[];
}

/** The part of what a search has to find, by a comparison of all texts in memory, that it finds; and how many ids it returns wrongly. */
export async function measureRecall(client: pg.Client, reader: Reader, rows: number): Promise<Row[]> {
  const expected = searchWorks().flatMap(({ queries }) => queries.slice(0, QUERIES).map(toExpected));
  await compareAll(client, expected);
  let [due, found, wrong] = [0, 0, 0];
  for (const { q, projectId, ids } of expected) {
    const newest = ids.toSorted().toReversed();
    const returned = await read(reader, q, projectId);
    const compared = newest.slice(0, COMPARED);
    due += compared.length;
    found += compared.filter((id) => returned.ids.includes(id)).length;
    wrong += returned.ids.filter((id, index) => id !== newest[index]).length;
    const isCounted = returned.count === Math.min(ids.length, MAX_COUNT);
    if (!isCounted) wrong++;
  }
  const work = workOf('search: against a comparison of all texts', rows);
  const facts = { work, unit: '', peer: `${expected.length} searches` };
  return [
    row({ ...facts, measure: 'not found', value: due - found, target: 0 }),
    row({ ...facts, measure: 'wrong or out of order', value: wrong, target: 0 }),
    row({ ...facts, measure: 'compared', value: due, target: null }),
  ];
}

function toExpected(q: string, index: number): Expected {
  const projectId = index % 2 === 0 ? (projectIds()[index >> 1] ?? '') : 'all';
  return { q, words: q.split(' ').map(normal), projectId, ids: [] };
}

/** As the API defines it. */
const normal = (text: string): string => text.normalize('NFKC').toLowerCase().normalize('NFKC');

interface TextsRow {
  readonly id: string;
  readonly project_id: string;
  readonly texts: readonly string[];
}

/** The texts of the records, not those of the search. */
const TEXTS_SQL = `select id, project_id, array[prompt]
    || array(select note where note is not null)
    || array(select tag from generation_tag where generation_id = generation.id)
    || array(select revised_prompt from generation_image where generation_id = generation.id and revised_prompt is not null)
    as texts
  from generation where deleted_at is null`;

async function compareAll(client: pg.Client, expected: readonly Expected[]): Promise<void> {
  await client.query('begin');
  await client.query(`declare texts no scroll cursor for ${TEXTS_SQL}`);
  for (;;) {
    const { rows } = await client.query<TextsRow>('fetch 10000 from texts');
    if (rows.length === 0) break;
    for (const { id, project_id, texts } of rows) {
      const normalized = texts.map((text) => normal(text));
      for (const { words, projectId, ids } of expected) {
        if (projectId !== 'all' && projectId !== project_id) continue;
        if (words.every((word) => normalized.some((text) => text.includes(word)))) ids.push(id);
      }
    }
  }
  await client.query('commit');
}

async function read(
  reader: Reader,
  q: string,
  projectId: string,
): Promise<{ readonly ids: readonly string[]; readonly count: number | undefined }> {
  const query = { q, project_id: projectId, limit: '100', count: 'true' };
  const { body } = await reader.list('generations', query);
  const ids = body.data.map(({ id }) => id);
  if (body.next_cursor !== null) {
    const { body: next } = await reader.list('generations', { ...query, count: 'false', cursor: body.next_cursor });
    ids.push(...next.data.map(({ id }) => id));
  }
  return { ids, count: body.count?.value };
}
