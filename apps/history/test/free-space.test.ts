import pg from 'pg';
import type { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { expect, test } from 'vitest';
import { openServiceDatabase } from '../src/boot/open-database.ts';
import { readConfig } from '../src/config/config.ts';
import type { Database } from '../src/database/database.ts';
import { ensurePartitions } from '../src/database/partitions.ts';
import { requestVacuum } from '../src/database/upkeep.ts';
import { DAY_MS, recordAged } from './support/aged-generations.ts';
import { openTestData, type TestData } from './support/test-history.ts';

const isServer = process.env['TEST_DATABASE'] === 'postgres';

/** In a month that is over, and not the previous one. */
const DAYS = 100;
const OLD = new Date(Date.now() - DAYS * DAY_MS);
OLD.setUTCDate(15);
const MONTH = OLD.toISOString().slice(0, 7).replace('-', '_');

async function withDatabase(use: (database: Database, data: TestData) => Promise<void>): Promise<void> {
  await using data = await openTestData();
  const database = await openServiceDatabase(readConfig(data.environment));
  try {
    await ensurePartitions(database.dataSource, OLD);
    await use(database, data);
  } finally {
    await database.close();
  }
}

/** Does what is done once a day, and returns what it did. */
async function freeSpace(database: Database): Promise<readonly string[]> {
  await database.dataSource.query(`update upkeep set done_at = '-infinity'`);
  const done: string[] = [];
  await database.freeSpace(new AbortController().signal, (table, how) => done.push(`${table} ${how}`));
  return done;
}

/** Records as many generations of the old month, with texts and images. */
async function fill(dataSource: DataSource, rows: number): Promise<void> {
  const time = OLD.getTime();
  const id = `encode(decode(lpad(to_hex(${time} + number), 12, '0'), 'hex') || '\\x7000'::bytea || decode(lpad(to_hex(number), 16, '0'), 'hex'), 'hex')::uuid`;
  await dataSource.query(
    `with made as (
       select ${id} as id, number, repeat(md5(number::text), 20) as prompt from generate_series(1, ${rows}) as number
     ), generations as (
       insert into generation (id, state, outcome, source, model, prompt, request, dropped, created_at)
       select id, 'succeeded', 'billed', 'test', 'wan2.7-image', prompt, '{}', '[]', now() from made
     ), images as (
       insert into generation_image (generation_id, role, index, state, sha256, bytes)
       select id, 'output', 0, 'stored', md5(number::text), 10 from made
     )
     insert into generation_text (generation_id, project_id, prompt, prompt_terms)
     select id, '00000000-0000-7000-8000-000000000000', prompt, 'a:1 b:2'::tsvector from made`,
  );
}

const sizeOf = async (dataSource: DataSource, table: string): Promise<number> =>
  Number((await dataSource.query<{ size: string }[]>(`select pg_total_relation_size('${table}') as size`))[0]?.size);

/** The months of a table, and how many indexes of each are parts of those of the table. */
async function structureOf(dataSource: DataSource): Promise<readonly unknown[]> {
  return dataSource.query(
    `select month.relname as month, parent_index.relname as index, index.indisvalid as is_valid,
       index.indisprimary as is_primary, child.reloptions as options,
       regexp_replace(pg_get_indexdef(child.oid), '^.* USING ', '') as definition,
       month.reloptions as settings, pg_get_expr(month.relpartbound, month.oid) as bounds,
       array(select pg_get_constraintdef(oid) from pg_constraint where conrelid = month.oid order by 1) as constraints
     from pg_class as month join pg_index as index on indrelid = month.oid join pg_class as child on child.oid = indexrelid
       left join pg_inherits on inhrelid = child.oid left join pg_class as parent_index on parent_index.oid = inhparent
     where month.relname ~ '^generation.*${MONTH}$' order by 1, 2`,
  );
}

test('a month without rows is dropped; one with a row in any table, and the previous and coming ones, stay', async () => {
  await withDatabase(async (database) => {
    const { dataSource } = database;
    const months = async () =>
      (
        await dataSource.query<{ name: string }[]>(
          `select inhrelid::regclass::text as name from pg_inherits where inhparent = 'generation'::regclass order by 1`,
        )
      ).map(({ name }) => name);
    const all = await months();
    await fill(dataSource, 10);
    const expected = all.filter((name) => name >= `generation_${previousMonth()}` || name.endsWith(MONTH));
    expect(all.length).toBeGreaterThan(expected.length);
    expect((await freeSpace(database)).some((line) => line.endsWith('dropped'))).toBe(true);
    expect(await months()).toEqual(expected);
    await dataSource.query('delete from generation');
    await dataSource.query('delete from generation_image');
    expect(await freeSpace(database)).toEqual([]);
    await dataSource.query('delete from generation_text');
    expect(await freeSpace(database)).toEqual(
      ['generation', 'generation_image', 'generation_text'].map((table) => `${table}_${MONTH} dropped`),
    );
    expect(await freeSpace(database)).toEqual([]);
    // It comes back with what is recorded there.
    await ensurePartitions(dataSource, OLD);
    await recordAged(dataSource, [{ days: (Date.now() - OLD.getTime()) / DAY_MS }]);
    expect(await freeSpace(database)).not.toContain(`generation_${MONTH} dropped`);
  });
});

function previousMonth(): string {
  const now = new Date();
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - 1, 1)).toISOString().slice(0, 7).replace('-', '_');
}

test('a month that is mostly empty is rewritten, one a day, and is as before', async () => {
  await withDatabase(async (database) => {
    const { dataSource } = database;
    await dataSource.query(`alter table generation_${MONTH} set (autovacuum_enabled = false)`);
    await fill(dataSource, 30_000);
    const before = await structureOf(dataSource);
    expect(await freeSpace(database)).not.toContain(`generation_${MONTH} rewritten`);
    for (const [table, id] of [
      ['generation', 'id'],
      ['generation_text', 'generation_id'],
      ['generation_image', 'generation_id'],
    ])
      await dataSource.query(`delete from ${table} where ${id}::text !~ '0$'`);
    // As autovacuum does.
    for (const table of ['generation', 'generation_text', 'generation_image'])
      await dataSource.query(`vacuum ${table}_${MONTH}`);
    const rows = async () =>
      dataSource.query<unknown[]>(`select generation.*, generation_text.*, generation_image.*
        from generation join generation_text on generation_text.generation_id = id
          join generation_image on generation_image.generation_id = id order by id`);
    const kept = await rows();
    expect(kept).toHaveLength(1_875);
    const size = await sizeOf(dataSource, `generation_${MONTH}`);
    const done = [await freeSpace(database), await freeSpace(database), await freeSpace(database)].flat();
    expect(done.toSorted()).toEqual([`generation_${MONTH} rewritten`, `generation_text_${MONTH} rewritten`]);
    expect(await sizeOf(dataSource, `generation_${MONTH}`)).toBeLessThan(size / 4);
    expect(await rows()).toEqual(kept);
    expect(await structureOf(dataSource)).toEqual(before);
    // By an index of the table.
    await dataSource.query('set enable_seqscan = off');
    const [plan] = await dataSource.query<{ 'QUERY PLAN': string }[]>(
      `explain select from generation where id = '${uuidv7({ msecs: OLD.getTime() })}'`,
    );
    expect(plan?.['QUERY PLAN']).toContain('Index');
    await dataSource.query('reset enable_seqscan');
    const remains = await dataSource.query<unknown[]>(
      `select relname from pg_class where relname ~ '^generation.*_(copy|old|changes)$' union select proname from pg_proc where proname ~ '^generation.*_log$'`,
    );
    expect(remains).toEqual([]);
  });
});

test('once a day, however often it is asked', async () => {
  await withDatabase(async (database) => {
    await database.dataSource.query(`update upkeep set done_at = now() - interval '25 hours'`);
    const done: string[] = [];
    const once = () => database.freeSpace(new AbortController().signal, (table) => done.push(table));
    await once();
    const { length } = done;
    expect(length).toBeGreaterThan(0);
    await ensurePartitions(database.dataSource, OLD);
    await once();
    expect(done).toHaveLength(length);
  });
});

test.runIf(!isServer)('the embedded database is vacuumed after something was deleted', async () => {
  await withDatabase(async (database) => {
    const { dataSource } = database;
    await fill(dataSource, 5_000);
    const size = await sizeOf(dataSource, 'generation');
    await dataSource.query('delete from generation');
    await requestVacuum(dataSource.manager);
    await database.freeSpace(new AbortController().signal);
    const pages = await dataSource.query<unknown[]>(
      `select from pg_class where relname = 'generation_${MONTH}' and pg_relation_size(oid) > 0`,
    );
    expect([pages, size]).toEqual([[], size]);
  });
});

test.runIf(isServer)(
  'while it is rewritten, readers and writers go on, and nothing that they write is lost',
  async () => {
    await withDatabase(async (database, data) => {
      const { dataSource } = database;
      await fill(dataSource, 30_000);
      await dataSource.query(`delete from generation where id::text !~ '0$'`);
      const url = data.environment['DATABASE_URL'];
      const stopped = new AbortController();
      const written = new Map<string, string | null>();
      const expected = await dataSource.query<{ id: string; note: string | null }[]>('select id, note from generation');
      for (const { id, note } of expected) written.set(id, note);
      const ids = expected.map(({ id }) => id);
      let writes = 0;
      const write = async (writer: number): Promise<void> => {
        const client = new pg.Client({ connectionString: url });
        await client.connect();
        for (let turn = 0; !stopped.signal.aborted; turn++) {
          // Each writer has its own rows.
          const id = ids[(4 * turn + writer) % (ids.length - (ids.length % 4))] ?? '';
          await client.query('begin');
          await client.query('select id from generation where id = $1 for update', [id]);
          const kind = turn % 3;
          if (kind === 0) {
            await client.query('delete from generation where id = $1', [id]);
            await client.query('commit');
            written.delete(id);
          } else {
            const note = `${writer} ${turn}`;
            const { rowCount } = await client.query('update generation set note = $2 where id = $1', [id, note]);
            await client.query(kind === 1 ? 'commit' : 'rollback');
            if (kind === 1 && rowCount === 1) written.set(id, note);
          }
          const added = uuidv7({ msecs: OLD.getTime() + (turn % 1000) });
          await client.query(
            `insert into generation (id, state, source, model, prompt, request, dropped, created_at)
           values ($1, 'failed', 'test', 'wan2.7-image', 'x', '{}', '[]', now())`,
            [added],
          );
          written.set(added, null);
          writes++;
        }
        await client.end();
      };
      // Of all months: it has no condition on the id.
      const read = async (): Promise<void> => {
        const client = new pg.Client({ connectionString: url });
        await client.connect();
        while (!stopped.signal.aborted) {
          const { rows } = await client.query<{ id: string }>('select id from generation order by id desc limit 50');
          expect(rows).toHaveLength(50);
          await client.query(`update generation set note = note where state = 'queued'`);
        }
        await client.end();
      };
      const others = [write(0), write(1), write(2), write(3), read(), read()];
      await expect.poll(() => writes).toBeGreaterThan(20);
      const done = await freeSpace(database);
      stopped.abort();
      await Promise.all(others);
      expect(done).toContain(`generation_${MONTH} rewritten`);
      const rows = await dataSource.query<{ id: string; note: string | null }[]>('select id, note from generation');
      expect(new Map(rows.map(({ id, note }) => [id, note]))).toEqual(written);
    });
  },
);

test.runIf(isServer)('what a rewrite has left that was cut off is removed, and writes go on meanwhile', async () => {
  await withDatabase(async (database) => {
    const { dataSource } = database;
    await dataSource.query(`
      create table generation_${MONTH}_copy (id uuid); create table generation_${MONTH}_old (id uuid);
      create table generation_${MONTH}_changes (position bigint generated always as identity primary key, id uuid);
      create function generation_${MONTH}_log() returns trigger language plpgsql as $$
        begin insert into generation_${MONTH}_changes (id) values (coalesce(new.id, old.id)); return null; end $$;
      create trigger generation_${MONTH}_log after insert or update or delete on generation_${MONTH}
        for each row execute function generation_${MONTH}_log()`);
    await fill(dataSource, 10);
    await freeSpace(database);
    expect(
      await dataSource.query<unknown[]>(
        `select relname from pg_class where relname ~ '^generation.*_(copy|old|changes)$' union select proname from pg_proc where proname ~ '^generation.*_log$'`,
      ),
    ).toEqual([]);
    await dataSource.query('update generation set note = $1', ['x']);
  });
});
