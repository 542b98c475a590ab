import pLimit from 'p-limit';
import { Any, DataSource } from 'typeorm';
import { Injectable } from '@nestjs/common';
import type { GenerationOutcome } from '@wan-image/core';
import { GroupCommit } from '../database/group-commit.ts';
import { inTransaction, type RunSql } from '../database/sql.ts';
import { MAX_LOCKING, TRANSACTION_LIMITS } from '../database/limits.ts';
import type { ImageKey } from '../domain/image-key.ts';
import type { Scope } from '../domain/scope.ts';
import { reserveSpend, type Reservation } from '../spending/spend.repository.ts';
import { CommitUnknownError } from './commit-unknown.ts';
import {
  endGenerations,
  INTERRUPTED_CODE,
  isAliveSql,
  type GenerationEnd,
  type RecordedEnd,
} from './end-generations.repository.ts';
import type { NewImage } from './generation-image.entity.ts';
import { GenerationEntity, type StoredError } from './generation.entity.ts';
import type { IdempotencyKeyEntity } from './idempotency-key.entity.ts';
import { claimKey, deleteExpiredKeys, findKey, type KeyClaim } from './idempotency-keys.repository.ts';
import {
  changeImages,
  claimDueInputs,
  insertImages,
  type DueInput,
  type ImageChange,
} from './image-rows.repository.ts';
import { insertRows, LOST, type NewRows } from './json-rows.repository.ts';
import { claimQueued, markNextSentSql, markNotSent, markSent, type SentGeneration } from './queued-rows.repository.ts';

export {
  INTERRUPTED_CODE,
  isAliveSql,
  markNextSentSql,
  type SentGeneration,
  type DueInput,
  type KeyClaim,
  type RecordedEnd,
};

/** A generation and the amount reserved for it; null if it has no price. */
export type Priced = Pick<GenerationEntity, 'id' | 'reserved'>;

/** A generation that its process has not sent: it is still claimed by `workerId`, or by no process. */
export interface Unsent {
  readonly workerId: string | null;
}

/**
 * The only writer of generations, their images and their idempotency keys: every transition from the row that is committed before any money
 * is spent to the end of the generation and its later resolution.
 */
@Injectable()
export class LedgerRepository {
  readonly #insertions: GroupCommit<NewRows, void>;
  readonly #ends: GroupCommit<GenerationEnd, boolean>;
  readonly #imageChanges: GroupCommit<ImageChange, void>;

  /** Requests that wait for each other's keys and budgets, which must not take all connections from the others. */
  readonly #locking = pLimit(MAX_LOCKING);

  constructor(private readonly dataSource: DataSource) {
    // Excludes rows with an idempotency key: another request may hold the key, and a group waits for each of its rows.
    this.#insertions = new GroupCommit<NewRows, void>(async (rows) => {
      await insertRows(dataSource.manager, rows);
      return rows.map(() => undefined);
    });
    // Only the ends of this process's own runs, of which each generation has one at a time: a statement updates a row once, so a second
    // end of the same generation in one batch would be lost although it seems to count.
    this.#ends = new GroupCommit<GenerationEnd, boolean>(async (ends) => {
      const counting = await endGenerations(dataSource.manager, ends);
      return ends.map(({ id }) => counting.has(id));
    });
    this.#imageChanges = new GroupCommit<ImageChange, void>(async (images) => {
      await changeImages(dataSource.manager, images);
      return images.map(() => undefined);
    });
  }

  /**
   * Inserts the row, its input images, its open response and its idempotency key. Returns null; or, if the key belongs to another generation, that generation,
   * and then nothing is written. Throws `SpendLimitReached`, and then nothing is written either, or {@link CommitUnknownError}. Two
   * requests with the same key wait for each other in the database, whichever replicas receive them.
   */
  async insert(
    rows: NewRows,
    claim: KeyClaim | null,
    reservation: Reservation | null,
    alsoInTransaction?: (id: string, sql: RunSql) => Promise<void>,
  ): Promise<IdempotencyKeyEntity | null> {
    if (claim === null && reservation === null && !alsoInTransaction) {
      await this.#insertions.add(rows);
      return null;
    }
    const { generation } = rows;
    let isWritten = false;
    try {
      return await this.#locking(() =>
        this.dataSource.transaction(async (manager) => {
          await manager.query(TRANSACTION_LIMITS);
          const existing = claim && (await claimKey(manager, claim, generation));
          if (existing) return existing;
          if (reservation) generation.spendPeriodStart = await reserveSpend(manager, reservation);
          await insertRows(manager, [rows]);
          await alsoInTransaction?.(generation.id, inTransaction(manager));
          isWritten = true;
          return null;
        }),
      );
    } catch (error) {
      throw isWritten ? new CommitUnknownError(generation.id, { cause: error }) : error;
    }
  }

  /**
   * Ends a generation, with the images received. Returns whether this end counts: a generation ends once. With `unsent`, it counts only if
   * the process has not sent the generation and no other process has claimed it.
   */
  end({ id, reserved }: Priced, end: RecordedEnd, images: readonly NewImage[], unsent?: Unsent): Promise<boolean> {
    return this.#ends.add({
      id,
      guard: unsent ? 'unsent' : 'open',
      isPriced: reserved !== null,
      changes: end,
      images,
      ...(unsent ? { workerId: unsent.workerId } : {}),
    });
  }

  /**
   * Ends orphaned generations as `failed` and `unknown`, except those whose process has sent a heartbeat again or has ended them. Returns
   * how many it ended.
   */
  async interrupt(ids: readonly string[], leaseMs: number, error: StoredError, finishedAt: Date): Promise<number> {
    const changes = { state: 'failed', outcome: 'unknown', error, finishedAt } as const;
    const ends = ids.map((id) => ({ id, guard: 'orphaned', isPriced: true, changes }) as const);
    return (await endGenerations(this.dataSource.manager, ends, leaseMs)).size;
  }

  /** Ends a generation that has not been sent as `canceled` and `not_billed`. Returns whether it was still queued. */
  cancelQueued(
    id: string,
    { projectId }: Scope,
    error: StoredError,
    responseStatus: number,
    finishedAt: Date,
  ): Promise<boolean> {
    const changes = { state: 'canceled', outcome: 'not_billed', error, responseStatus, finishedAt } as const;
    return this.#endNow({ id, guard: 'queued', isPriced: true, projectId, changes });
  }

  /** Records an operator's resolution of an unknown outcome. Returns whether it was unknown. */
  resolve(
    id: string,
    { projectId }: Scope,
    outcome: Exclude<GenerationOutcome, 'unknown'>,
    resolvedAt: Date,
  ): Promise<boolean> {
    return this.#endNow({ id, guard: 'unknown', isPriced: true, projectId, changes: { outcome, resolvedAt } });
  }

  async #endNow(end: GenerationEnd): Promise<boolean> {
    return (await endGenerations(this.dataSource.manager, [end])).has(end.id);
  }

  /** Requests cancellation from the process that runs the generation. Returns whether it is running. */
  async requestCancel(id: string, { projectId }: Scope, now: Date): Promise<boolean> {
    const [rows] = await this.dataSource.manager.query<[unknown[], number]>(
      `update generation set cancel_requested_at = coalesce(cancel_requested_at, $3)
       where id = $1 and project_id = $2 and state = 'running' returning id`,
      [id, projectId, now],
    );
    return rows.length > 0;
  }

  /** Claims a queued generation for a process, unless another live process has it. */
  claim(id: string, workerId: string, leaseMs: number): Promise<boolean> {
    return claimQueued(this.dataSource.manager, id, workerId, leaseMs);
  }

  /** Commits the time at which a generation is sent; null if the process no longer has it. */
  markSent(id: string, workerId: string): Promise<Date | null> {
    return markSent(this.dataSource.manager, id, workerId);
  }

  /** Queues a generation again that this process did not send with the given slot. A later slot of it stays: that may be in use. */
  markNotSent(sent: SentGeneration, workerId: string): Promise<void> {
    return markNotSent(this.dataSource.manager, sent, workerId);
  }

  /** Records output images of a generation, running or ended. Existing rows stay unchanged. */
  async addImages(id: string, images: readonly NewImage[]): Promise<void> {
    await insertImages(this.dataSource.manager, id, images);
  }

  /** Records the result for a pending image. If another replica has stored it meanwhile, the row stays unchanged. */
  settleImage(key: ImageKey, changes: Partial<NewImage>): Promise<void> {
    return this.#imageChanges.add({ key, from: { state: 'pending' }, changes });
  }

  /** Marks an image as lost: it is pending and can no longer be fetched, or its stored file is missing. Returns the new values. */
  async loseImage(key: ImageKey, storedAs?: string): Promise<typeof LOST> {
    const from =
      storedAs === undefined ? { state: 'pending' as const } : { state: 'stored' as const, sha256: storedAs };
    await this.#imageChanges.add({ key, from, changes: LOST });
    return LOST;
  }

  /** Marks a lost image as stored again: its file has reappeared. */
  recoverImage(key: ImageKey, storedAs: string): Promise<void> {
    const from = { ...LOST, sha256: storedAs };
    return this.#imageChanges.add({ key, from, changes: { state: 'stored' } });
  }

  /** Claims inputs whose next attempt is due. `pausesS` are in seconds; the last one applies to all further attempts. */
  claimDueInputs(limit: number, pausesS: readonly number[]): Promise<readonly DueInput[]> {
    return claimDueInputs(this.dataSource.manager, limit, pausesS);
  }

  findKey(claim: KeyClaim): Promise<IdempotencyKeyEntity | null> {
    return findKey(this.dataSource.manager, claim);
  }

  deleteExpiredKeys(): Promise<void> {
    return deleteExpiredKeys(this.dataSource.manager);
  }

  /** Those of the given ids (any number of them) that have a row. */
  async existingIds(ids: readonly string[]): Promise<ReadonlySet<string>> {
    const found = await this.dataSource.manager.find(GenerationEntity, {
      select: { id: true },
      // One array parameter: a statement has at most 65,535 parameters.
      where: { id: Any([...ids]) },
    });
    return new Set(found.map(({ id }) => id));
  }
}
