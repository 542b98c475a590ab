import { Injectable } from '@nestjs/common';
import pLimit from 'p-limit';
import { DataSource, type EntityManager } from 'typeorm';
import { TRANSACTION_LIMITS } from '../database/limits.ts';
import { retriedTransaction } from '../database/retried-transaction.ts';
import type { Transaction } from '../database/sql.ts';
import { KEY_VALID_FROM_SQL } from '../domain/repetition.ts';
import { RecordedRequestEntity } from './recorded-request.entity.ts';

/** A request, and the key by which its repetition is recognized. */
export type RequestKey = Pick<RecordedRequestEntity, 'projectId' | 'key' | 'fingerprint'>;

const MOST_AT_ONCE = 2;

@Injectable()
export class RecordedRequestsRepository {
  /** Repetitions wait for each other: they must not take the connections of everything else. */
  readonly #recording = pLimit(MOST_AT_ONCE);

  constructor(private readonly dataSource: DataSource) {}

  /** Runs `work` and records its response in one transaction. If the key is taken, returns who has it, after the end of that transaction. */
  async record<Response extends object>(
    request: RequestKey,
    work: (transaction: Transaction) => Promise<Response>,
  ): Promise<{ readonly response: Response } | { readonly existing: RecordedRequestEntity }> {
    return this.#recording(() => retriedTransaction(this.dataSource, (manager) => run(manager, request, work)));
  }

  async deleteExpired(): Promise<void> {
    await this.dataSource.query(`delete from recorded_request where created_at < ${KEY_VALID_FROM_SQL}`);
  }
}

async function run<Response extends object>(
  manager: EntityManager,
  request: RequestKey,
  work: (transaction: Transaction) => Promise<Response>,
): Promise<{ readonly response: Response } | { readonly existing: RecordedRequestEntity }> {
  // A replica that freezes here must not keep others from what it has locked, nor a repetition waiting.
  await manager.query(TRANSACTION_LIMITS);
  const existing = await claim(manager, request);
  if (existing !== null) return { existing };
  const response = await work(manager);
  const { projectId, key } = request;
  await manager.update(RecordedRequestEntity, { projectId, key }, { response });
  return { response };
}

/** Claims the key and returns null, or returns the request that has it. Waits for one that is being carried out. */
async function claim(
  manager: EntityManager,
  { projectId, key, fingerprint }: RequestKey,
): Promise<RecordedRequestEntity | null> {
  // It may expire between the insert and the lookup; then it can be claimed.
  for (;;) {
    await manager.query(
      `delete from recorded_request where project_id = $1 and key = $2 and created_at < ${KEY_VALID_FROM_SQL}`,
      [projectId, key],
    );
    const inserted = await manager.query<unknown[]>(
      `insert into recorded_request (project_id, key, fingerprint, created_at) values ($1, $2, $3, now())
       on conflict do nothing returning key`,
      [projectId, key, fingerprint],
    );
    if (inserted.length > 0) return null;
    const existing = await manager.findOneBy(RecordedRequestEntity, { projectId, key });
    if (existing !== null) return existing;
  }
}
