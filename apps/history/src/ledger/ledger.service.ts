import type { AcceptedRequest, GenerationOutcome } from '@wan-image/core';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import type { Scope } from '../domain/scope.ts';
import { PeriodicTasks, UPKEEP_INTERVAL_MS } from '../jobs/periodic-tasks.ts';
import { SpendService, type SpendLimits } from '../spending/spend.service.ts';
import { CommitUnknownError } from './commit-unknown.ts';
import type { NewImage } from './generation-image.entity.ts';
import type { Adaptation, GenerationEntity } from './generation.entity.ts';
import type { IdempotencyKeyEntity } from './idempotency-key.entity.ts';
import { LedgerRepository, type RunSql } from './ledger.repository.ts';
import { OutcomeRecorder } from './outcome-recorder.service.ts';

/** A request as it is to be recorded. */
export interface NewGeneration {
  readonly accepted: AcceptedRequest & { readonly adapted: readonly Adaptation[] };
  readonly inputs: readonly NewImage[];
  /** Who asks, in its own words. */
  readonly source: string;
  readonly projectId: string;
  /** Null: the admin key, or a service that asks for none. */
  readonly apiKeyId: string | null;
  readonly limits: SpendLimits;
  readonly fingerprint: string;
  readonly idempotencyKey: string | null;
}

/** How a generation begins: sent at once, waiting for a slot of this process, or for any process (`workerId` null). */
export interface InsertOptions {
  readonly state: 'running' | 'queued';
  readonly workerId: string | null;
  /** What is to be committed with the row. */
  readonly alsoInTransaction?: (id: string, sql: RunSql) => Promise<void>;
}

/** A new generation, or the one for which the idempotency key stands already. */
export type InsertResult = { readonly generation: GenerationEntity } | { readonly existing: IdempotencyKeyEntity };

/** How long an idempotency key stands for its request. */
const KEY_LIFETIME_MS = 24 * 60 * 60 * 1000;

/** Begins generations, and knows the idempotency keys that stand for them. */
@Injectable()
export class Ledger implements OnModuleInit {
  constructor(
    private readonly repository: LedgerRepository,
    private readonly outcomes: OutcomeRecorder,
    private readonly spending: SpendService,
    private readonly tasks: PeriodicTasks,
  ) {}

  onModuleInit(): void {
    this.tasks.register('idempotency keys', UPKEEP_INTERVAL_MS, () => this.deleteExpiredKeys());
  }

  /**
   * Commits the row before any money is spent. Where the idempotency key stands for another generation already, returns that, and
   * nothing begins. Throws an ApiError where the limits of the API key do not allow it, and {@link CommitUnknownError} where any process
   * may find the row and run it.
   */
  async insert(request: NewGeneration, options: InsertOptions): Promise<InsertResult> {
    const { accepted, inputs, apiKeyId, limits, projectId, idempotencyKey } = request;
    const now = new Date();
    const money = this.spending.reservationFor(apiKeyId, limits, accepted.request, now);
    const generation: GenerationEntity = { ...rowOf(request, options, now), ...money.columns };
    const claim = idempotencyKey === null ? null : { projectId, key: idempotencyKey, validFrom: validFrom(now) };
    try {
      const { reservation } = money;
      const existing = await this.repository.insert(generation, inputs, claim, reservation, options.alsoInTransaction);
      return existing === null ? { generation } : { existing };
    } catch (error) {
      const refusal = this.spending.refusalOf(error, money.reservation, limits, now);
      if (refusal !== null) throw refusal;
      // Where it cannot be told whether the row was committed, it learns that nothing was sent, so that its key is free again; but not a
      // row that any process may find and run.
      if (options.workerId !== null || !(error instanceof CommitUnknownError))
        this.outcomes.markNotSent(generation.id, options.workerId);
      throw error;
    }
  }

  /** The generation for which an idempotency key stands; null where it stands for none. */
  findByIdempotencyKey(projectId: string, key: string): Promise<IdempotencyKeyEntity | null> {
    return this.repository.findKey({ projectId, key, validFrom: validFrom(new Date()) });
  }

  /** A person says what an unknown outcome was, from the upstream's invoice. Returns whether it was unknown. */
  resolve(id: string, scope: Scope, outcome: Exclude<GenerationOutcome, 'unknown'>): Promise<boolean> {
    return this.repository.resolve(id, scope, outcome, new Date());
  }

  /** Deletes the idempotency keys whose day is over. */
  deleteExpiredKeys(): Promise<void> {
    return this.repository.deleteExpiredKeys(validFrom(new Date()));
  }
}

function validFrom(now: Date): Date {
  return new Date(now.getTime() - KEY_LIFETIME_MS);
}

type MoneyColumn = 'apiKeyId' | 'reserved' | 'cost' | 'currency' | 'spendPeriodStart';

function rowOf(
  { accepted: { request, extra, dropped, adapted }, source, projectId, fingerprint }: NewGeneration,
  { state, workerId }: InsertOptions,
  now: Date,
): Omit<GenerationEntity, MoneyColumn> {
  const { image: _, ...parameters } = request;
  return {
    id: uuidv7({ msecs: now.getTime() }),
    projectId,
    state,
    outcome: null,
    source,
    model: request.model,
    prompt: request.prompt,
    request: { ...extra, ...parameters },
    dropped: [...dropped],
    adapted: [...adapted],
    error: null,
    upstreamRequestId: null,
    upstreamStatus: null,
    attempts: null,
    upstreamExtra: null,
    fingerprint,
    responseStatus: null,
    responseCreated: null,
    workerId,
    cancelRequestedAt: null,
    createdAt: now,
    sentAt: state === 'running' ? now : null,
    resolvedAt: null,
    finishedAt: null,
  };
}
