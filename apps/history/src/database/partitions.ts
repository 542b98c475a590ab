import type { DataSource } from 'typeorm';

/** Tables with a partition for each month. */
export const PARTITIONED = ['generation', 'generation_image', 'generation_text'] as const;

/** Months whose partitions exist ahead of time: a running service creates each long before the month begins. */
const MONTHS_AHEAD = 3;

/** The months from the one before `now` (clocks of replicas differ) to {@link MONTHS_AHEAD} later, each as its first day in UTC. */
export function monthsAround(now: Date): Date[] {
  return Array.from(
    { length: MONTHS_AHEAD + 2 },
    (_, offset) => new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + offset - 1, 1)),
  );
}

/** The smallest UUID v7 of a time: its first 48 bits are milliseconds since 1970. Of an earlier time, the smallest of all. */
export function firstIdOf(time: Date): string {
  const hex = Math.max(0, time.getTime()).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
}

/** The smallest id of the month before the end of which an id, exclusive, stands: that of its month, or of the one before if it is its first. */
export function monthStartOf(before: string): string {
  const last = new Date(Number.parseInt(before.slice(0, 8) + before.slice(9, 13), 16));
  const isFirst =
    before <= firstIdOf(last) && last.getTime() === Date.UTC(last.getUTCFullYear(), last.getUTCMonth(), 1);
  return firstIdOf(new Date(Date.UTC(last.getUTCFullYear(), last.getUTCMonth() - (isFirst ? 1 : 0), 1)));
}

/** A data source or a single connection. */
interface Queryable {
  query(sql: string): Promise<unknown>;
}

/** Creates missing partitions of the months around `now`. Call it under the migration lock: concurrent runs would conflict. */
export async function ensurePartitions(database: Queryable, now: Date): Promise<void> {
  for (const { name, table, from, to } of partitionsAround(now)) {
    await database.query(
      `create table if not exists ${name} partition of ${table} for values from ('${from}') to ('${to}')`,
    );
  }
}

/** Whether all partitions of the months around `now` exist. */
export async function hasPartitions(dataSource: DataSource, now: Date): Promise<boolean> {
  const names = partitionsAround(now).map(({ name }) => name);
  const [found] = await dataSource.query<{ missing: boolean }[]>(
    'select bool_or(to_regclass(name) is null) as missing from unnest($1::text[]) as name',
    [names],
  );
  return found?.missing === false;
}

function partitionsAround(now: Date): { name: string; table: string; from: string; to: string }[] {
  return monthsAround(now).flatMap((month) => {
    const next = new Date(Date.UTC(month.getUTCFullYear(), month.getUTCMonth() + 1, 1));
    const suffix = month.toISOString().slice(0, 7).replace('-', '_');
    return PARTITIONED.map((table) => ({
      name: `${table}_${suffix}`,
      table,
      from: firstIdOf(month),
      to: firstIdOf(next),
    }));
  });
}
