import type { DataSource } from 'typeorm';

const TABLES = ['generation', 'generation_image'] as const;

/** Months that exist ahead of time; a service that runs makes the next one long before it begins. */
const MONTHS_AHEAD = 3;

/** The months from the one before `now` (clocks of replicas differ) to some ahead, each as its first day in UTC. */
export function monthsAround(now: Date): Date[] {
  return Array.from(
    { length: MONTHS_AHEAD + 2 },
    (_, offset) => new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + offset - 1, 1)),
  );
}

/** The smallest UUID v7 of a time: its first 48 bits are milliseconds since 1970. */
export function firstIdOf(time: Date): string {
  const hex = time.getTime().toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
}

/** Makes the partitions of the months around `now` where they are missing. Call it under the migration lock: two at once would collide. */
export async function ensurePartitions(dataSource: DataSource, now: Date): Promise<void> {
  for (const month of monthsAround(now)) {
    const next = new Date(Date.UTC(month.getUTCFullYear(), month.getUTCMonth() + 1, 1));
    const suffix = month.toISOString().slice(0, 7).replace('-', '_');
    for (const table of TABLES) {
      await dataSource.query(
        `create table if not exists ${table}_${suffix} partition of ${table} for values from ('${firstIdOf(month)}') to ('${firstIdOf(next)}')`,
      );
    }
  }
}
