import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { failuresOf } from './not-yet.ts';
import { readSources, ROOT } from './source-files.ts';
import { foreignWrites, tableWritesOf, type WriteException } from './table-writes.ts';

/** The folder of apps/history/src whose SQL alone writes a table: the one place to read for how its rows may change. */
const OWNERS: ReadonlyMap<string, string> = new Map([
  ['generation', 'ledger'],
  ['generation_image', 'ledger'],
  ['idempotency_key', 'ledger'],
  ['open_response', 'ledger'],
  ['generation_text', 'ledger'],
  ['generation_term', 'ledger'],
  ['derivation', 'ledger'],
  ['purged_file', 'ledger'],
  ['outbox', 'ledger'],
  ['generation_tag', 'library'],
  ['favorite_image', 'library'],
  ['background_job', 'background-jobs'],
  ['recorded_request', 'idempotency'],
  ['worker', 'dispatch'],
  ['upstream_start', 'dispatch'],
  ['key_spend', 'spending'],
  ['project', 'access'],
  ['api_key', 'access'],
  ['key_rate', 'access'],
  ['session', 'access'],
  ['signing_key', 'links'],
  ['usage_hour', 'stats'],
  ['usage_hour_model', 'stats'],
  ['visible_images_hour', 'stats'],
  ['thumbnail', 'thumbnails'],
  ['thumbhash', 'thumbnails'],
  ['picture_store', 'sweep'],
  ['webhook', 'webhooks'],
  ['webhook_delivery', 'webhooks'],
  ['retention_policy', 'retention'],
  ['upkeep', 'database'],
]);

const EXCEPTIONS: readonly WriteException[] = [];

test('each table is written by the SQL of the folder that owns it', async () => {
  const all = await readSources(join(ROOT, 'apps/history/src'));
  // A migration changes the tables of all folders.
  const files = all.filter(({ path }) => !path.startsWith('database/migrations/'));
  const writes = tableWritesOf(files);
  const written = new Set(writes.map(({ table }) => table));
  // Its only row is written by the migration that makes the table.
  const unwritten = [...OWNERS.keys()].filter((table) => !written.has(table) && table !== 'picture_store');
  expect(unwritten, 'tables whose writes this test does not see').toEqual([]);
  expect(failuresOf('the owners of the tables', foreignWrites(writes, OWNERS, EXCEPTIONS))).toEqual([]);
});

const tablesOf = (code: string): readonly (string | null)[] =>
  tableWritesOf([
    { path: 'ledger/generation.entity.ts', text: `@Entity({ name: 'generation' })\nexport class GenerationEntity {}` },
    { path: 'sweep/sweep.repository.ts', text: code },
  ]).map(({ table }) => table);

describe('a write is found in', () => {
  test.each([
    ['manager.query(`insert into generation (id) values ($1)`)'],
    ['manager.query("INSERT INTO generation (id) values ($1)")'],
    [`manager.query('insert into "generation" (id) values ($1)')`],
    ['`with ended as (\n  update generation\n  set state = $1\n)`'],
    ['`update generation as row set state = $1`'],
    ['`update generation row set state = $1`'],
    ['`update only generation set state = $1`'],
    ['`delete from generation using ended where true`'],
    ['`merge into generation using given on true`'],
    ['`truncate table generation`'],
    ['manager.insert(GenerationEntity, row)'],
    ['manager.update(GenerationEntity, { id }, { state })'],
    ['manager.save(\n  GenerationEntity,\n  row,\n)'],
    ['manager.delete(GenerationEntity, { id })'],
    ['builder\n  .insert()\n  .into(GenerationEntity)'],
    ['builder.delete().from(GenerationEntity)'],
    ['builder.update(GenerationEntity).set({ state })'],
    ['const generations = dataSource.getRepository(GenerationEntity)'],
  ])('%s', (code) => {
    expect(tablesOf(code)).toEqual(['generation']);
  });

  test.each([
    ['`insert into ${table} (id)`'],
    ['`update ${table} set id = 1`'],
    ['manager.insert(UnknownEntity, row)'],
  ])('%s, though its table is not known', (code) => {
    expect(tablesOf(code)).toEqual([null]);
  });
});

describe('no write is found in', () => {
  test.each([
    ['`select id from generation for update skip locked`'],
    ['`select id from generation as row for update of row`'],
    ['`on conflict (id) do update set seen_at = excluded.seen_at`'],
    ['// insert into generation'],
    ['/** An update of generation sets it; delete from generation does not. */'],
    ['manager.findOneBy(GenerationEntity, { id })'],
    ['builder.select().from(GenerationEntity)'],
    ['this.#repository.insert(generation)'],
  ])('%s', (code) => {
    expect(tablesOf(code)).toEqual([]);
  });
});

describe('a write by a folder that does not own the table', () => {
  const writes = [
    { path: 'sweep/a.ts', line: 3, table: 'generation' },
    { path: 'ledger/run/a.ts', line: 4, table: 'generation' },
  ];
  const owners = new Map([['generation', 'ledger']]);
  const exception = { folder: 'sweep', table: 'generation', reason: 'a reason' };

  test('is a violation', () => {
    expect(foreignWrites(writes, owners, [])).toEqual([
      'sweep/a.ts:3 writes generation, which only ledger writes: let ledger export a function or a fragment of SQL for it',
    ]);
  });

  test('is none where an exception stands for it', () => {
    expect(foreignWrites(writes, owners, [exception])).toEqual([]);
  });

  test('is one where the table has no owner, or is not named', () => {
    expect(foreignWrites([{ path: 'a/a.ts', line: 1, table: 'other' }], owners, [])[0]).toContain('has no owner');
    expect(foreignWrites([{ path: 'a/a.ts', line: 1, table: null }], owners, [])[0]).toContain('does not name');
  });

  test('leaves no exception behind that nothing needs', () => {
    expect(foreignWrites([], owners, [exception])).toEqual(['sweep does not write generation: remove the exception']);
  });
});
