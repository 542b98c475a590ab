import type { RunStatement } from './late-indexes.ts';
import { pastMonths, withShortLock, type Month, type Session, type UpkeepOptions } from './months.ts';

/** How long a look for rows may take while the tables are locked. A month that was vacuumed has no pages to look at. */
const LOOK_LIMIT_MS = 500;

/** Drops the past months in which no table has a row. */
export async function dropEmptyMonths(
  session: Session,
  { now, signal, onFreed }: Pick<UpkeepOptions, 'now' | 'signal' | 'onFreed'>,
): Promise<void> {
  const { run } = session;
  for (const month of Map.groupBy(await pastMonths(run, now), ({ month: name }) => name).values()) {
    if (signal.aborted) return;
    if (!(await areEmpty(run, month))) continue;
    // Shortens the files to nothing, so that the look under the lock takes no time.
    for (const { name } of month) await run(`vacuum ${name}`);
    let isDropped = false;
    const drop = async (within: RunStatement): Promise<void> => {
      isDropped = false;
      // First the tables, as all queries do, so that none of them and this wait for each other.
      await within(`lock table ${month.map(({ parent }) => `only ${parent}`).join(', ')} in access exclusive mode`);
      await within(`lock table ${month.map(({ name }) => name).join(', ')} in access exclusive mode`);
      await within(`set local statement_timeout = ${LOOK_LIMIT_MS}`);
      if (!(await areEmpty(within, month))) return;
      for (const { parent, name } of month) {
        await within(`alter table ${parent} detach partition ${name}`);
        await within(`drop table ${name}`);
      }
      isDropped = true;
    };
    if ((await withShortLock(session, drop, signal)) && isDropped)
      for (const { name } of month) onFreed?.(name, 'dropped');
  }
}

async function areEmpty(run: RunStatement, month: readonly Month[]): Promise<boolean> {
  const looks = month.map(({ name }) => `not exists (select from ${name})`).join(' and ');
  const [row] = await run<{ is_empty: boolean }>(`select ${looks} as is_empty`);
  return row?.is_empty === true;
}
