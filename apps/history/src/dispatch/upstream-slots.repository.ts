import { DataSource } from 'typeorm';
import { Injectable } from '@nestjs/common';
import type { UpstreamLimits } from '../config/slices.ts';
import { TRANSACTION_LIMITS } from '../database/limits.ts';
import { sqlOf } from '../database/sql.ts';
import { uuidOf } from '../domain/uuid.ts';
import { markNextSentSql, type SentGeneration } from '../ledger/ledger.repository.ts';

/** Any number that no other software uses for an advisory lock on the same database. */
export const SLOTS_LOCK = 7_270_155_002;

/** The slots of the upstream: how many generations may run concurrently, and start within a minute, across all processes. */
@Injectable()
export class UpstreamSlotsRepository {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * Marks the next generations of a process as sent, as far as slots are free. Only one process at a time does this. The whole transaction
   * is one message to the server: a process that is frozen meanwhile does not keep the lock.
   */
  async acquire(workerId: string, limits: UpstreamLimits, leaseMs: number): Promise<readonly SentGeneration[]> {
    const { rows } = await sqlOf(this.dataSource)(acquireSql(workerId, limits, leaseMs));
    return rows.filter(isSent).map(({ id, sent_at }) => ({ id, sentAt: sent_at }));
  }

  /** Gives back the part of the minute of a generation that was not sent after all. */
  async release(id: string): Promise<void> {
    await this.dataSource.query('delete from upstream_start where id = $1', [id]);
  }
}

function acquireSql(workerId: string, { concurrency, perMinute }: UpstreamLimits, leaseMs: number): string {
  if (uuidOf(workerId) === null) throw new Error('The id of a worker is not a UUID');
  const slots = [
    ...(concurrency === null ? [] : [`${concurrency} - (select count(*) from generation where state = 'running')`]),
    ...(perMinute === null ? [] : [`${perMinute} - (select count(*) from upstream_start)`]),
  ];
  // It may have had a slot before, with which a process that died sent nothing.
  const startedSql = `started as (
    insert into upstream_start (id, started_at) select id, clock_timestamp() from sent
    on conflict (id) do update set started_at = excluded.started_at)`;
  return `begin; ${TRANSACTION_LIMITS};
    select pg_advisory_xact_lock(${SLOTS_LOCK});
    delete from upstream_start where started_at <= now() - interval '1 minute';
    with ${markNextSentSql(workerId, `least(${slots.join(', ')})`, leaseMs)}${perMinute === null ? '' : `, ${startedSql}`}
    select id, sent_at from sent;
    commit`;
}

/** The other statements of the text return rows of other shapes. */
function isSent(row: unknown): row is { readonly id: string; readonly sent_at: Date } {
  return typeof row === 'object' && row !== null && 'sent_at' in row;
}
