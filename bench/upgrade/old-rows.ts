import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type pg from 'pg';
import { OWN_ROOT } from '../gateway/history-process.ts';

interface Queryable {
  query(sql: string): Promise<unknown>;
}

interface BuiltDatabase {
  readonly openServiceDatabase: (config: { readonly databaseUrl: string; readonly dataDir: string }) => Promise<{
    readonly dataSource: Queryable & { undoLastMigration(): Promise<void> };
    close(): Promise<void>;
  }>;
}

interface BuiltPartitions {
  readonly ensurePartitions: (database: Queryable, now: Date) => Promise<void>;
}

/** How many months the generations are spread over. */
const MONTHS = 12;

const built = async <T>(path: string): Promise<T> =>
  (await import(pathToFileURL(join(OWN_ROOT, 'apps/history/dist', path)).href)) as T;

/** The migration whose effect is measured: the largest one. */
const LIBRARY = 'Library1796515200000';

/** Leaves an empty database as the version before the library does, with months in the past. */
export async function openBefore(databaseUrl: string, dataDir: string): Promise<void> {
  const { openServiceDatabase } = await built<BuiltDatabase>('boot/open-database.js');
  const { ensurePartitions } = await built<BuiltPartitions>('database/partitions.js');
  const database = await openServiceDatabase({ databaseUrl, dataDir });
  try {
    const now = new Date();
    for (let month = 1; month < MONTHS; month++)
      await ensurePartitions(
        database.dataSource,
        new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - month, 15)),
      );
    const later = (await database.dataSource.query(
      `select from migration where id >= (select id from migration where name = '${LIBRARY}')`,
    )) as readonly unknown[];
    for (const _ of later) await database.dataSource.undoLastMigration();
  } finally {
    await database.close();
  }
}

const CHUNK = 100_000;

/** Records generations, the oldest first, with two and a half images each. */
export async function fill(client: pg.Client, generations: number): Promise<void> {
  const now = Date.now();
  const start = now - (MONTHS - 1) * 30 * 86_400_000;
  for (let first = 1; first <= generations; first += CHUNK) {
    const last = Math.min(first + CHUNK - 1, generations);
    await client.query(`
      create temporary table filled as
      select n, (lpad(to_hex(${start} + n::bigint * ${now - start} / ${generations}), 12, '0') || '7000' || '8000' || lpad(to_hex(n), 12, '0'))::uuid as id
      from generate_series(${first}, ${last}) as n`);
    await client.query(`
      insert into generation (id, state, outcome, source, model, prompt, request, dropped, client_user, created_at, sent_at, finished_at)
      select id, case when n % 50 = 0 then 'failed' else 'succeeded' end, case when n % 200 = 0 then 'unknown' else 'billed' end,
        'api', 'wan2.7-image', '一间有着精致窗户的花店，漂亮的木质门，摆放着花朵 ' || n,
        jsonb_build_object('model', 'wan2.7-image', 'size', '2K', 'n', 1 + n % 4, 'seed', n), '[]',
        case when n % 10 = 0 then 'user ' || n % 1000 end, now(), now(), now()
      from filled`);
    await client.query(`
      insert into generation_image (generation_id, role, index, state, sha256, bytes, width, height, mime_type)
      select id, 'output', index, 'stored', md5(n || ' ' || index) || md5(n::text), 2000000, 2048, 2048, 'image/png'
      from filled, generate_series(0, n % 4) as index`);
    await client.query('drop table filled');
  }
  await client.query('vacuum analyze');
}
