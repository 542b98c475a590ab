import type { RunStatement } from './late-indexes.ts';
import { pastMonths, withShortLock, type Month, type Session, type UpkeepOptions } from './months.ts';

/** Below this size, a month is not worth it. */
const MIN_BYTES = 8 * 1024 * 1024;

/** The part of a table's pages without live rows from which it is rewritten. */
const MAX_DEAD = 0.5;

/** Changes that are taken over together. */
const CHANGES = 1_000;

/** As many changes may be left for the moment in which everything waits. */
const FEW_CHANGES = 100;

/** Rewrites the past month of a table whose files are mostly empty, the worst one, so that its room is free for everything. */
export async function rewriteBloatedMonth(session: Session, options: UpkeepOptions): Promise<void> {
  const { run } = session;
  const months = await pastMonths(run, options.now);
  for (const { name } of months) await clear(session, name, options.signal);
  let worst: { readonly month: Month; readonly dead: number } | null = null;
  for (const month of months) {
    if (options.signal.aborted) return;
    const dead = await deadShare(run, month);
    if (dead > Math.max(MAX_DEAD, worst?.dead ?? 0)) worst = { month, dead };
  }
  if (worst === null) return;
  const { month } = worst;
  const isDone = options.exclusive ? await rewriteInPlace(run, month) : await rewrite(session, month, options.signal);
  if (isDone) options.onFreed?.(month.name, 'rewritten');
}

/** By the statistics: autovacuum keeps them, and a table that looks bad is analyzed before it is judged. */
async function deadShare(run: RunStatement, month: Month): Promise<number> {
  const look = async (): Promise<{ readonly bytes: number; readonly dead: number | null }> => {
    const [row] = await run<{ bytes: number; dead: number | null }>(
      `select pg_relation_size(oid)::float8 as bytes,
         case when reltuples < 0 then null else
           1 - reltuples * ((select coalesce(sum(avg_width), 0) from pg_stats
                             where schemaname = current_schema() and tablename = relname) + 28)
             / greatest(pg_relation_size(oid), 1) end::float8 as dead
       from pg_class where oid = $1::regclass`,
      [month.name],
    );
    return row ?? { bytes: 0, dead: 0 };
  };
  const { bytes, dead } = await look();
  if (bytes < MIN_BYTES || (dead !== null && dead < MAX_DEAD)) return 0;
  await run(`analyze ${month.name}`);
  return (await look()).dead ?? 0;
}

/** On the embedded database nothing else runs meanwhile anyway. */
async function rewriteInPlace(run: RunStatement, { name }: Month): Promise<boolean> {
  await run(`vacuum (full, analyze) ${name}`);
  return true;
}

const copyOf = (name: string): string => `${name}_copy`;
const oldOf = (name: string): string => `${name}_old`;
const changesOf = (name: string): string => `${name}_changes`;
const triggerOf = (name: string): string => `${name}_log`;

/** The column that has the id of the generation. */
const idOf = ({ parent }: Month): string => (parent === 'generation' ? 'id' : 'generation_id');

/** Removes what a rewrite has left that was cut off. The copy was not part of the table yet, or the old one no longer. */
async function clear(session: Session, name: string, signal: AbortSignal): Promise<void> {
  const { run } = session;
  const [found] = await run<{ has_log: boolean; has_tables: boolean }>(
    `select to_regproc($1) is not null as has_log,
       coalesce(to_regclass($2), to_regclass($3), to_regclass($4)) is not null as has_tables`,
    [triggerOf(name), copyOf(name), oldOf(name), changesOf(name)],
  );
  const dropLog = (within: RunStatement): Promise<unknown> => within(`drop function ${triggerOf(name)}() cascade`);
  const isLogged =
    found?.has_log === true && !(await withShortLock(session, async (within) => void (await dropLog(within)), signal));
  // The log is needed as long as there is its trigger: the next day tries again.
  if (isLogged) return;
  if (found?.has_tables === true) await run(`drop table if exists ${copyOf(name)}, ${oldOf(name)}, ${changesOf(name)}`);
}

/**
 * Copies the live rows of a month into a new table, which takes its place. Reads and writes go on: a trigger records which generations are
 * changed meanwhile, and these are copied again. The exchange, in which everything waits, takes some milliseconds.
 *
 * Not under a lock that stops writers while rows are copied: a statement that cannot tell the months of its rows in advance, such as that
 * which claims pending images, locks all of them, and would wait for minutes.
 */
async function rewrite(session: Session, month: Month, signal: AbortSignal): Promise<boolean> {
  const { run } = session;
  try {
    if (!(await recordChanges(session, month, signal))) return false;
    await createCopy(run, month);
    await run(copyRows(month));
    await finishCopy(run, month);
    while ((await takeChanges(session, month)) > FEW_CHANGES) if (signal.aborted) return false;
    return await exchange(session, month, signal);
  } finally {
    await clear(session, month.name, signal);
  }
}

/** Waits for the transactions that have written into the month: what they wrote is copied, and what later ones write is recorded. */
function recordChanges(session: Session, month: Month, signal: AbortSignal): Promise<boolean> {
  const { name } = month;
  return withShortLock(
    session,
    async (run) => {
      await run(`create table ${changesOf(name)} (position bigint generated always as identity primary key, id uuid)`);
      await run(
        `create function ${triggerOf(name)}() returns trigger language plpgsql as $$
         begin ${into(changesOf(name), `(id) values (coalesce(new.${idOf(month)}, old.${idOf(month)}))`)}; return null; end $$`,
      );
      await run(
        `create trigger ${triggerOf(name)} after insert or update or delete on ${name}
         for each row execute function ${triggerOf(name)}()`,
      );
    },
    signal,
  );
}

/** With the settings of the table itself, which `like` leaves out. Its indexes are built over all rows at once. */
async function createCopy(run: RunStatement, month: Month): Promise<void> {
  const { name, bounds } = month;
  const column = idOf(month);
  const [settings] = await run<{ options: readonly string[] | null }>(
    'select reloptions as options from pg_class where oid = $1::regclass',
    [name],
  );
  const options = settings?.options ?? [];
  await run(
    `create table ${copyOf(name)} (like ${name} including all excluding indexes)${
      options.length === 0 ? '' : ` with (${options.join(', ')})`
    }`,
  );
  const [from, to] = [...bounds.matchAll(/'([0-9a-f-]{36})'/g)].map(([, id]) => id);
  // Proves that its rows are of the month, so that they need not be read while everything waits.
  await run(
    `alter table ${copyOf(name)} add constraint ${copyOf(name)}_month check (${column} is not null and ${column} >= '${from}' and ${column} < '${to}')`,
  );
}

const copyRows = ({ name }: Month): string => into(copyOf(name), `select * from ${name}`);

/** Not in one piece: the check of who writes a table reads only names that stand in the code, and these tables are parts of others or temporary. */
const into = (table: string, rows: string): string => ['insert into', table, rows].join(' ');
const without = (table: string, condition: string): string => ['delete from', table, condition].join(' ');

/** The indexes of the month, each with the definition of the table's, so that it becomes a part of that. */
async function finishCopy(run: RunStatement, { name, parent }: Month): Promise<void> {
  const copy = copyOf(name);
  const indexes = await run<{ definition: string; is_primary: boolean; columns: string }>(
    `select pg_get_indexdef(indexrelid) as definition, indisprimary as is_primary,
       (select string_agg(quote_ident(attname), ', ' order by place) from unnest(indkey::int[]) with ordinality as key (number, place)
        join pg_attribute on attrelid = indrelid and attnum = number) as columns
     from pg_index where indrelid = $1::regclass order by indexrelid`,
    [parent],
  );
  for (const { definition, is_primary: isPrimary, columns } of indexes) {
    const using = definition.slice(definition.indexOf(' USING '));
    await run(isPrimary ? `alter table ${copy} add primary key (${columns})` : `create index on ${copy}${using}`);
  }
  await run(`analyze ${copy}`);
}

/** Copies the generations that were changed once more. Returns how many changes there were. */
async function takeChanges(session: Session, month: Month): Promise<number> {
  const { name } = month;
  const rows = await session.run<{ id: string; position: string }>(
    `select id, position from ${changesOf(name)} order by position limit ${CHANGES}`,
  );
  if (rows.length === 0) return 0;
  await session.transaction((within) => takeAgain(within, month, rows));
  return rows.length;
}

/** By the rows that are read here: a change that is committed later has another entry. */
async function takeAgain(
  run: RunStatement,
  month: Month,
  changes: readonly { readonly id: string; readonly position: string }[],
): Promise<void> {
  const { name } = month;
  const ids = [...new Set(changes.map(({ id }) => id))];
  const isChanged = `where ${idOf(month)} = any($1::uuid[])`;
  await run(without(copyOf(name), isChanged), [ids]);
  await run(into(copyOf(name), `select * from ${name} ${isChanged}`), [ids]);
  await run(without(changesOf(name), 'where position = any($1::bigint[])'), [changes.map(({ position }) => position)]);
}

/** Takes over the last changes, and puts the copy in the place of the month. */
async function exchange(session: Session, month: Month, signal: AbortSignal): Promise<boolean> {
  const { name, parent, bounds } = month;
  return withShortLock(
    session,
    async (run) => {
      // First the table, as all queries do: so none of them and this wait for each other.
      await run(`lock table only ${parent} in access exclusive mode`);
      await run(`lock table ${name} in access exclusive mode`);
      const rows = await run<{ id: string; position: string }>(`select id, position from ${changesOf(name)}`);
      if (rows.length > 0) await takeAgain(run, month, rows);
      await run(`alter table ${parent} detach partition ${name}`);
      await run(`alter table ${name} rename to ${oldOf(name)}`);
      await run(`alter table ${copyOf(name)} rename to ${name}`);
      await run(`alter table ${parent} attach partition ${name} ${bounds}`);
      await run(`alter table ${name} drop constraint ${copyOf(name)}_month`);
    },
    signal,
  );
}
