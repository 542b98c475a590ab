import type { BackgroundJob, BackgroundJobList, ErrorBody, GenerationList, ImageList } from '@wan-image/core';
import { v7 as uuidv7 } from 'uuid';
import { expect, test } from 'vitest';
import { openServiceDatabase } from '../src/boot/open-database.ts';
import { readConfig } from '../src/config/config.ts';
import { DEFAULT_PROJECT_ID } from '../src/domain/project-id.ts';
import { recordPrompts } from './support/search-corpus.ts';
import { generate, get, send } from './support/requests.ts';
import { openTestData, runHistory, type TestData } from './support/test-history.ts';
import { LIBRARY, undoMigrations } from './support/undo-migrations.ts';

const OLD = 700;

/** Leaves a job of the index that failed after three quarters. */
async function failIndexing({ environment }: TestData): Promise<void> {
  const database = await openServiceDatabase(readConfig(environment));
  await database.dataSource.query(
    `insert into background_job (id, kind, state, input, done, total, created_at, finished_at)
     values (gen_random_uuid(), 'reindex', 'failed', '{}', 30, 40, now(), now())`,
  );
  await database.close();
}

test('what an older version recorded becomes searchable in the background, and search says how far it is', async () => {
  await using data = await openTestData();
  const database = await openServiceDatabase(readConfig(data.environment));
  const prompts = Array.from({ length: OLD }, (_, index) => `第 ${index} 只狐狸`);
  await recordPrompts(database.dataSource, prompts, [DEFAULT_PROJECT_ID]);
  await database.dataSource.query(
    `update generation set client_user = 'u', metadata = '{"order":"1"}', request = '{"seed": 7}'`,
  );
  // As the version before left them, with one job that its upgrade asks for.
  await undoMigrations(database.dataSource, LIBRARY);
  await database.dataSource.runMigrations({ transaction: 'each' });
  expect(await database.dataSource.query('select count(*)::int as rows from generation_text')).toEqual([{ rows: 0 }]);
  await database.close();

  await using history = await runHistory(data, {}, { longestIntervalMs: 200 });
  const search = async (query: string): Promise<GenerationList> =>
    (await get<GenerationList>(history.url, `/v1/generations?${query}`)).body;
  const q = `q=${encodeURIComponent('狐狸')}`;
  await expect.poll(async () => (await search(q)).search).toEqual({ complete: true, indexed: 1 });
  expect((await search(`q=${encodeURIComponent('"第 42 只"')}`)).data).toHaveLength(1);
  for (const query of ['user=u', 'metadata[order]=1', 'seed=7'])
    expect((await search(`${query}&count=true`)).count, `by ${query}`).toEqual({ value: OLD, capped: false });
  const { data: jobs } = (await get<BackgroundJobList>(history.url, '/v1/jobs')).body;
  expect(jobs.filter(({ kind }) => kind === 'reindex')).toMatchObject([
    { kind: 'reindex', state: 'succeeded', done: OLD, total: OLD, result: { indexed: OLD } },
  ]);
});

test('what people add before their generation is searchable is found too, once it is', async () => {
  await using data = await openTestData();
  const database = await openServiceDatabase(readConfig(data.environment));
  const [one, other] = await recordPrompts(database.dataSource, ['第一只狐狸', '第二只狐狸'], [DEFAULT_PROJECT_ID]);
  // As a replica of the version before has just recorded them.
  await database.dataSource.query('delete from generation_text');
  await database.dataSource.query(`update generation set note = '雪地' where id = $1`, [one?.id]);
  await database.dataSource.query(
    `insert into generation_tag (generation_id, tag, project_id) values ($1, '冬天', $2)`,
    [other?.id, DEFAULT_PROJECT_ID],
  );
  await database.dataSource.query(
    `insert into background_job (id, kind, state, input, created_at) values (gen_random_uuid(), 'reindex', 'queued', '{}', now())`,
  );
  await database.close();

  await using history = await runHistory(data, {}, { longestIntervalMs: 200 });
  const found = async (word: string): Promise<readonly string[]> =>
    (await get<GenerationList>(history.url, `/v1/generations?q=${encodeURIComponent(word)}`)).body.data.map(
      ({ id }) => id,
    );
  await expect.poll(() => found('雪地')).toEqual([one?.id]);
  expect(await found('冬')).toEqual([other?.id]);
});

test('the revised prompt of a generation that a replica of the version before has ended is found', async () => {
  await using data = await openTestData();
  const before = await runHistory(data);
  const request = { model: 'wan2.7-image', size: '1K' };
  const idOf = async (prompt: string): Promise<string | null> =>
    (await generate(before.url, { ...request, prompt })).headers.get('x-generation-id');
  const [one, other] = [await idOf('一只狐狸'), await idOf('两只狐狸')];
  await before.close();
  const database = await openServiceDatabase(readConfig(data.environment));
  // It knows no text, so it wrote the end alone.
  await database.dataSource.query(`update generation_text set revised = '', revised_terms = ''`);
  await database.dataSource.query(
    `update generation_image set revised_prompt = '雪地里的赤狐' where generation_id = $1 and role = 'output'`,
    [one],
  );
  await database.close();
  await using history = await runHistory(data, {}, { longestIntervalMs: 200 });
  const found = async (word: string): Promise<readonly string[]> =>
    (await get<GenerationList>(history.url, `/v1/generations?q=${encodeURIComponent(word)}`)).body.data.map(
      ({ id }) => id,
    );
  await expect.poll(() => found('赤狐')).toEqual([one]);
  expect([...(await found('一只')), ...(await found('两只'))]).toEqual([one, other]);
});

test('a search over an index whose job failed does not claim to be complete', async () => {
  await using data = await openTestData();
  await failIndexing(data);
  await using history = await runHistory(data);
  const { body } = await get<GenerationList>(history.url, `/v1/generations?q=${encodeURIComponent('狐狸')}`);
  expect(body.search).toEqual({ complete: false, indexed: 0.75 });
  // These are in the same index, and a filter without them finds everything.
  for (const query of ['user=a', 'metadata[a]=b', 'seed=1', `derived_from=${uuidv7()}`]) {
    expect((await get<GenerationList>(history.url, `/v1/generations?${query}`)).body.search?.complete).toBe(false);
    expect((await get<ImageList>(history.url, `/v1/images?${query}`)).body.search?.complete).toBe(false);
  }
  expect((await get<GenerationList>(history.url, '/v1/generations?model=x')).body).not.toHaveProperty('search');
});

test('a change over a filter that cannot find everything yet is refused', async () => {
  await using data = await openTestData();
  await failIndexing(data);
  await using history = await runHistory(data);
  const bulk = (body: object): ReturnType<typeof send<BackgroundJob & ErrorBody>> =>
    send(`${history.url}/v1/generations/bulk`, { method: 'POST', body });
  for (const more of [{}, { dry_run: true }]) {
    const { status, body } = await bulk({ filter: { user: 'a' }, action: 'purge', ...more });
    expect([status, body.error.code, body.error.param]).toEqual([409, 'search_incomplete', 'filter']);
    expect(body.error.message).toContain('75 %');
  }
  expect((await bulk({ filter: { state: ['failed'] }, action: 'purge' })).status).toBe(202);
});

test('the job of the index is tried again an hour after it failed', async () => {
  await using data = await openTestData();
  const database = await openServiceDatabase(readConfig(data.environment));
  const [one] = await recordPrompts(database.dataSource, ['第一只狐狸'], [DEFAULT_PROJECT_ID]);
  await database.dataSource.query('delete from generation_text');
  await database.dataSource.query(
    `insert into background_job (id, kind, state, input, created_at, finished_at, error)
     values (gen_random_uuid(), 'reindex', 'failed', '{}', now(), now() - interval '61 minutes', '{"message": "no"}')`,
  );
  await database.close();
  await using history = await runHistory(data, {}, { longestIntervalMs: 200 });
  const search = async (): Promise<GenerationList> =>
    (await get<GenerationList>(history.url, `/v1/generations?q=${encodeURIComponent('狐')}`)).body;
  await expect.poll(async () => (await search()).search?.complete).toBe(true);
  expect((await search()).data.map(({ id }) => id)).toEqual([one?.id]);
});
