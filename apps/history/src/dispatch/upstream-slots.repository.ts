import { DataSource, type EntityManager } from 'typeorm';
import { Injectable } from '@nestjs/common';
import type { UpstreamLimits } from '../config/slices.ts';
import { LedgerRepository, type SentGeneration } from '../ledger/ledger.repository.ts';

/** Any number that no other software uses for an advisory lock on the same database. */
export const SLOTS_LOCK = 7_270_155_002;

/** The slots of the upstream: how many generations may run concurrently, and start within a minute, across all processes. */
@Injectable()
export class UpstreamSlotsRepository {
  constructor(
    private readonly dataSource: DataSource,
    private readonly ledger: LedgerRepository,
  ) {}

  /** Marks the next generations of a process as sent, as far as slots are free. Only one process at a time does this. */
  async acquire(workerId: string, limits: UpstreamLimits, leaseMs: number): Promise<readonly SentGeneration[]> {
    return this.dataSource.transaction(async (manager) => {
      await manager.query('select pg_advisory_xact_lock($1)', [SLOTS_LOCK]);
      const slots = await availableSlots(manager, limits);
      if (slots <= 0) return [];
      const sent = await this.ledger.markNextSent(manager, workerId, slots, leaseMs);
      if (limits.perMinute !== null && sent.length > 0)
        await manager.query(
          'insert into upstream_start (id, started_at) select unnest($1::uuid[]), clock_timestamp()',
          [sent.map(({ id }) => id)],
        );
      return sent;
    });
  }
}

/** How many generations may start now. Requires the lock. */
async function availableSlots(manager: EntityManager, { concurrency, perMinute }: UpstreamLimits): Promise<number> {
  let free = Number.MAX_SAFE_INTEGER;
  if (concurrency !== null) {
    const [row] = await manager.query<{ count: number }[]>(
      `select count(*)::int as count from generation where state = 'running'`,
    );
    free = concurrency - (row?.count ?? 0);
  }
  if (perMinute !== null) {
    await manager.query(`delete from upstream_start where started_at <= now() - interval '1 minute'`);
    const [row] = await manager.query<{ count: number }[]>('select count(*)::int as count from upstream_start');
    free = Math.min(free, perMinute - (row?.count ?? 0));
  }
  return free;
}
