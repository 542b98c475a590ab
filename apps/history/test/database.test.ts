import { readConfig } from '../src/config/config.ts';
import { type Database } from '../src/database/database.ts';
import { openServiceDatabase } from '../src/boot/open-database.ts';
import { ensurePartitions, firstIdOf, monthsAround } from '../src/database/partitions.ts';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEFAULT_PROJECT_ID } from '../src/domain/project-id.ts';
import type { GenerationEntity } from '../src/ledger/generation.entity.ts';
import { LedgerRepository, type RecordedEnd } from '../src/ledger/ledger.repository.ts';
import { lookupTerm } from '../src/domain/lookup-term.ts';
import { RecordsRepository } from '../src/generations/records.repository.ts';
import { readable, REVIEWED_QUERIES, type Samples } from './support/reviewed-queries.ts';
import { openTestData, type TestData } from './support/test-history.ts';

let testData: TestData & AsyncDisposable;
let database: Database;
beforeAll(async () => {
  testData = await openTestData();
  database = await openServiceDatabase(readConfig(testData.environment));
});
afterAll(async () => {
  await database.close();
  await testData[Symbol.asyncDispose]();
});

const OTHER_PROJECT = '00000000-0000-7000-8000-000000000001';

const column = async (sql: string, parameters: unknown[] = []): Promise<string[]> =>
  (await database.dataSource.query<Record<string, string>[]>(sql, parameters)).map(
    (row) => Object.values(row)[0] ?? '',
  );

test('entities and migrations agree, except for what TypeORM cannot express', async () => {
  const { upQueries } = await database.dataSource.driver.createSchemaBuilder().log();
  // Migrations create these in raw SQL, which entities do not describe, so TypeORM would drop them.
  expect(upQueries.map(({ query }) => query).toSorted()).toEqual([
    'ALTER TABLE "background_job" DROP CONSTRAINT "background_job_state_check"',
    'ALTER TABLE "derivation" DROP CONSTRAINT "derivation_kind_check"',
    'ALTER TABLE "generation" DROP CONSTRAINT "generation_outcome_check"',
    'ALTER TABLE "generation" DROP CONSTRAINT "generation_state_check"',
    'ALTER TABLE "generation_image" DROP CONSTRAINT "generation_image_role_check"',
    'ALTER TABLE "generation_image" DROP CONSTRAINT "generation_image_state"',
    'ALTER TABLE "outbox" ALTER COLUMN "id" DROP DEFAULT',
    'ALTER TABLE "outbox" ALTER COLUMN "id" SET DEFAULT gen_random_uuid()',
    'DROP INDEX "public"."background_job_open"',
    'DROP INDEX "public"."background_job_project"',
    'DROP INDEX "public"."derivation_parent"',
    'DROP INDEX "public"."favorite_image_project"',
    'DROP INDEX "public"."generation_deleted"',
    'DROP INDEX "public"."generation_failed"',
    'DROP INDEX "public"."generation_image_deleted"',
    'DROP INDEX "public"."generation_image_input_due"',
    'DROP INDEX "public"."generation_image_lost_at"',
    'DROP INDEX "public"."generation_image_output_due"',
    'DROP INDEX "public"."generation_image_pending"',
    'DROP INDEX "public"."generation_image_sha256"',
    'DROP INDEX "public"."generation_outcome_unknown"',
    'DROP INDEX "public"."generation_project"',
    'DROP INDEX "public"."generation_tag_all"',
    'DROP INDEX "public"."generation_tag_project"',
    'DROP INDEX "public"."generation_term_all"',
    'DROP INDEX "public"."generation_term_project"',
    'DROP INDEX "public"."generation_text_project"',
    'DROP INDEX "public"."generation_unfinished"',
    'DROP INDEX "public"."generation_unknown"',
    'DROP INDEX "public"."idempotency_key_created"',
    'DROP INDEX "public"."idempotency_key_generation"',
    'DROP INDEX "public"."open_response_request"',
    'DROP INDEX "public"."open_response_since"',
    'DROP INDEX "public"."outbox_to_announce"',
    'DROP INDEX "public"."outbox_to_count"',
    'DROP INDEX "public"."recorded_request_created"',
    'DROP INDEX "public"."thumbnail_sha256"',
    'DROP INDEX "public"."usage_hour_api_key"',
    'DROP INDEX "public"."usage_hour_hour"',
    'DROP INDEX "public"."usage_hour_model_hour"',
    'DROP INDEX "public"."visible_images_hour_hour"',
  ]);
});

test('a column that may be null has no other default, so new rows leave out what is null', async () => {
  const columns = (condition: string): Promise<string[]> =>
    column(
      `select table_name || '.' || column_name from information_schema.columns
       where table_name in ('generation', 'generation_image', 'open_response') and is_nullable = 'YES' and ${condition}`,
    );
  expect(await columns('column_default is null')).toContain('generation.outcome');
  expect(await columns('column_default is not null')).toEqual([]);
});

test('the tables are partitioned by month, some months ahead', async () => {
  const months = monthsAround(new Date()).map((month) => month.toISOString().slice(0, 7).replace('-', '_'));
  for (const table of ['generation', 'generation_image', 'generation_text']) {
    const partitions = await column(
      `select inhrelid::regclass::text from pg_inherits where inhparent = '${table}'::regclass order by 1`,
    );
    expect(partitions).toEqual(months.map((month) => `${table}_${month}`));
  }
});

test('every migration can be undone, and run again', async () => {
  await using data = await openTestData();
  const opened = await openServiceDatabase(readConfig(data.environment));
  const { dataSource } = opened;
  try {
    const { length } = dataSource.migrations;
    for (let undone = 0; undone < length; undone++) await dataSource.undoLastMigration();
    expect(await dataSource.query(`select from pg_class where relname = 'generation'`)).toEqual([]);
    expect(await dataSource.runMigrations({ transaction: 'each' })).toHaveLength(length);
    expect(
      (await dataSource.driver.createSchemaBuilder().log()).upQueries.filter(({ query }) => / ADD /.test(query)),
    ).toEqual([]);
  } finally {
    await opened.close();
  }
});

test('creating the partitions again, at any time, changes no existing one', async () => {
  const count = async (): Promise<number> =>
    (await column(`select relname from pg_class where relname like 'generation\\_20%'`)).length;
  const before = await count();
  await database.prepareMonths();
  expect(await count()).toBe(before);
  await ensurePartitions(database.dataSource, new Date(Date.now() + 62 * 86_400_000));
  expect(await count()).toBeGreaterThan(before);
});

test('the first id of a time sorts before every UUID v7 of that time', () => {
  const time = new Date(0x0123456789ab);
  expect(firstIdOf(time)).toBe('01234567-89ab-0000-0000-000000000000');
  expect(firstIdOf(time) < uuidv7({ msecs: time.getTime() })).toBe(true);
  expect(firstIdOf(new Date(time.getTime() + 1)) > uuidv7({ msecs: time.getTime() })).toBe(true);
});

test('a key expires after a day, but not before its generation has ended', async () => {
  const repository = new LedgerRepository(database.dataSource);
  for (const state of ['queued', 'running', 'succeeded']) {
    const id = uuidv7();
    await database.dataSource.query(
      `insert into generation (id, state, source, model, prompt, request, dropped, created_at)
       values ($1, $2, 'api', 'wan2.7-image', '久', '{}', '[]', now())`,
      [id, state],
    );
    await database.dataSource.query(
      `insert into idempotency_key (project_id, key, fingerprint, generation_id, created_at)
       values ($1, $2, '', $3, now() - interval '25 hours')`,
      [DEFAULT_PROJECT_ID, state, id],
    );
  }
  const standing = async (): Promise<unknown[]> =>
    Promise.all(
      ['queued', 'running', 'succeeded'].map(
        async (key) => (await repository.findKey({ projectId: DEFAULT_PROJECT_ID, key }))?.key,
      ),
    );
  expect(await standing()).toEqual(['queued', 'running', undefined]);
  await repository.deleteExpiredKeys();
  expect(await column('select key from idempotency_key order by key')).toEqual(['queued', 'running']);
  // Only these fields are read of the generation that holds the key.
  const another = { id: uuidv7(), projectId: DEFAULT_PROJECT_ID, createdAt: new Date() } as GenerationEntity;
  const claim = { projectId: DEFAULT_PROJECT_ID, key: 'running' };
  expect(
    await repository.insert({ generation: another, inputs: [], openResponse: null, rerunOf: null }, claim, null),
  ).toMatchObject({
    key: 'running',
  });
  await database.dataSource.query(`update generation set state = 'failed' where state <> 'succeeded'`);
  expect(await standing()).toEqual([undefined, undefined, undefined]);
  await repository.deleteExpiredKeys();
  expect(await column('select key from idempotency_key')).toEqual([]);
});

/** Rows of the library, of which a large project has few for each of its generations. */
const LIBRARY = [
  `insert into generation_text (generation_id, project_id, prompt, prompt_terms)
   select id, project_id, '狐狸 ' || n || case when n % 5000 = 0 then ' 罕見' else '' end,
     array_to_tsvector(array['狐狸', '狸', n::text] || case when n % 5000 = 0 then array['罕見', '見'] else '{}' end)
   from numbered`,
  `insert into generation_tag (generation_id, tag, project_id)
   select id, tag, project_id from numbered, unnest(array['t' || n % 500, 'all']) as tag where n % 25 = 0`,
  `insert into favorite_image (generation_id, index, project_id) select id, 0, project_id from numbered where n % 90 = 0`,
  `insert into generation_term (generation_id, term, project_id)
   select id, term::uuid, project_id from numbered, unnest($1::text[]) as term where n % 40 = 0`,
  `insert into derivation (child_id, parent_id, kind, image_id)
   select child_id, parent_id, 'rerun', ''
   from (select id as child_id, lag(id, 1 + n % 3) over (order by id) as parent_id from numbered where n % 10 = 0) as pair
   where parent_id is not null`,
  `insert into thumbnail (source_sha256, width, format, sha256, bytes, created_at)
   select md5(n::text) || md5(n::text), 320, 'webp', md5('t' || n) || md5('t' || n), 1, now() from numbered where n % 3 = 0`,
  `insert into thumbhash (sha256, hash) select md5(n::text) || md5(n::text), 'hash' from numbered where n % 2 = 0`,
  `insert into purged_file (sha256, purged_at) select md5(n::text) || md5(n::text), now() from numbered where n % 4 = 0`,
] as const;

describe('at 200,000 rows', () => {
  let samples: Samples;
  beforeAll(async () => {
    const { dataSource } = database;
    // What other tests have left would be part of every list.
    for (const table of ['generation', 'generation_image', 'generation_text'])
      await dataSource.query(`truncate ${table}`);
    const start = monthsAround(new Date())[0]?.getTime() ?? 0;
    const span = Date.now() - start;
    // Spread evenly from the first partition until now.
    const id = `(lpad(to_hex((${start}::bigint + (n::bigint * ${span}) / 200000)), 12, '0') || '7000' || lpad(to_hex(32768 + n % 16384), 4, '0') || lpad(to_hex(n), 12, '0'))::uuid`;
    await dataSource.query(`create table numbered as
      select n, ${id} as id, case n % 8 when 0 then '${OTHER_PROJECT}' else '${DEFAULT_PROJECT_ID}' end::uuid as project_id
      from generate_series(1, 200000) n`);
    await dataSource.query(
      `insert into generation (id, project_id, state, outcome, source, model, prompt, request, dropped, created_at, sent_at, finished_at, deleted_at)
       select id, project_id, case when n % 100 = 3 then 'failed' else 'succeeded' end,
         case when n % 200 = 3 then 'unknown' else 'billed' end,
         'api', 'wan2.7-image', 'prompt ' || n, '{}', '[]', now(), now(), now(), case when n % 150 = 1 then now() end from numbered`,
    );
    await dataSource.query(
      `insert into generation_image (generation_id, role, index, state, sha256, deleted_at)
       select id, 'output', 0, 'stored', md5(n::text) || md5(n::text), case when n % 400 = 2 then now() end from numbered`,
    );
    const terms = [lookupTerm('user', 'u7'), lookupTerm('metadata', 'order', '7'), lookupTerm('seed', '7')];
    for (const sql of LIBRARY) await dataSource.query(sql, sql.includes('$1') ? [terms] : []);
    await dataSource.query('analyze');
    const [parent = ''] = await column(
      'select parent_id from derivation where exists (select from derivation as other where other.child_id = derivation.parent_id) limit 1',
    );
    samples = {
      ids: await column('select id from generation order by id desc limit 40'),
      sha256s: await column('select sha256 from generation_image order by generation_id desc limit 40'),
      parent,
    };
  }, 240_000);

  const TRANSACTION = /^(begin|start transaction|commit|rollback|set local)\b/i;

  interface Sent {
    readonly sql: string;
    readonly parameters: unknown[];
  }

  /** All statements that a call sends. */
  async function statementsOf(work: () => Promise<unknown>): Promise<readonly Sent[]> {
    const statements: Sent[] = [];
    const { logger } = database.dataSource;
    database.dataSource.logger = Object.assign(Object.create(logger) as typeof logger, {
      logQuery: (sql: string, parameters: unknown[] = []) => void statements.push({ sql, parameters }),
    });
    try {
      await work();
    } finally {
      database.dataSource.logger = logger;
    }
    expect(statements.length).toBeGreaterThan(0);
    return statements;
  }

  /** The plans of statements, each with the settings of its transaction. */
  async function explain(statements: readonly Sent[]): Promise<string[]> {
    const plans: string[] = [];
    const session = database.dataSource.createQueryRunner();
    try {
      await session.query('begin');
      for (const { sql, parameters } of statements) {
        if (TRANSACTION.test(sql)) {
          if (sql.startsWith('set local')) await session.query(sql);
          else await session.query(`rollback; ${sql.startsWith('begin') ? sql : 'begin'}`);
          continue;
        }
        const rows = (await session.query(`explain ${sql}`, parameters)) as { 'QUERY PLAN': string }[];
        plans.push(rows.map((line) => line['QUERY PLAN']).join('\n'));
      }
    } finally {
      await session.query('rollback');
      await session.release();
    }
    return plans;
  }

  /** The plans of all statements that a call sends. */
  async function plansOf(work: () => Promise<unknown>): Promise<string[]> {
    return explain(await statementsOf(work));
  }

  /** In the months that have rows; future ones are empty. */
  const wholeTables = new RegExp(
    `Seq Scan on (generation(_image|_text)?_(${monthsAround(new Date())
      .slice(0, 2)
      .map((month) => month.toISOString().slice(0, 7).replace('-', '_'))
      .join('|')})|generation_tag|generation_term|favorite_image|derivation|thumbnail|thumbhash|purged_file)`,
  );

  /** A batch of ids that a statement was sent with. */
  const SORTED_IDS = /Sort {2}.*\n *Sort Key: id\.id.*\n *-> {2}Function Scan on unnest id/;

  test.each(REVIEWED_QUERIES)('$name sends the SQL that was reviewed, which reads no whole table', async (query) => {
    const sent = await statementsOf(() => query.run(database.dataSource, samples));
    const texts = [
      ...new Set(sent.filter(({ sql }) => !/^(start|commit|rollback)/i.test(sql)).map(({ sql }) => readable(sql))),
    ];
    await expect(`${texts.join(';\n\n')};\n`).toMatchFileSnapshot(`sql/${query.name}.sql`);
    for (const plan of await explain(sent)) {
      expect(query.reads === undefined ? plan : plan.replace(`Seq Scan on ${query.reads} `, '')).not.toMatch(
        wholeTables,
      );
      // There are no months before those of the page: nothing is read, and what is not read is sorted.
      if (plan.includes('One-Time Filter: false')) continue;
      // What stands in order but for its last column is sorted in small parts, by an incremental sort.
      if (query.sorts === undefined) expect(plan.replace(SORTED_IDS, '')).not.toMatch(/(?<!Incremental )Sort {2}/);
    }
  });

  test('what is watched is read without its request, which may be large', async () => {
    const [id = ''] = await column('select id from generation order by id desc limit 1');
    const [watched] = await new RecordsRepository(database.dataSource).watched([id]);
    expect(watched).toMatchObject({ id, state: 'succeeded', error: null, images: [{ index: 0 }] });
    expect(watched).not.toHaveProperty('request');
  });

  test('generations that end together are found and settled without scanning the others', async () => {
    const ids = await column('select id from generation order by id desc limit 40');
    const ending = { state: 'failed', outcome: 'unknown', error: null, finishedAt: new Date() } as RecordedEnd;
    const ledger = new LedgerRepository(database.dataSource);
    for (const reserved of [null, 200_000]) {
      const plans = await plansOf(() => Promise.all(ids.map((id) => ledger.end({ id, reserved }, ending, []))));
      for (const plan of plans) expect(plan).not.toMatch(wholeTables);
    }
  });
});
