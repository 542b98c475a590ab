import type { AcceptedRequest, ClientReference, GenerationOutcome } from '@wan-image/core';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { DatabaseClock } from '../database/database-clock.ts';
import type { RunSql } from '../database/sql.ts';
import { mayHaveRun } from '../database/unavailable.ts';
import { keptFields } from '../domain/kept-fields.ts';
import type { Scope } from '../domain/scope.ts';
import { PeriodicTasks, UPKEEP_INTERVAL_MS } from '../jobs/periodic-tasks.ts';
import { SpendService, type SpendLimits } from '../spending/spend.service.ts';
import { CommitUnknownError } from './commit-unknown.ts';
import type { NewImage } from './generation-image.entity.ts';
import type { Adaptation, GenerationEntity } from './generation.entity.ts';
import type { IdempotencyKeyEntity } from './idempotency-key.entity.ts';
import { LedgerRepository } from './ledger.repository.ts';
import type { NewOpenResponse } from './open-response-rows.repository.ts';
import { OutcomeRecorder } from './outcome-recorder.service.ts';

export { CommitUnknownError };

/** A request to be recorded. */
export interface NewGeneration {
  readonly accepted: AcceptedRequest & ClientReference & { readonly adapted: readonly Adaptation[] };
  readonly inputs: readonly NewImage[];
  /** The client, as it names itself. */
  readonly source: string;
  readonly projectId: string;
  /** Null for the admin key, or if the service requires no key. */
  readonly apiKeyId: string | null;
  readonly limits: SpendLimits;
  readonly fingerprint: string;
  readonly idempotencyKey: string | null;
  /** The generation that it is a rerun of; null for all others. */
  readonly rerunOf: string | null;
  /** Who waits for the response; null with an idempotency key, by which a retry finds it. */
  readonly waiting: ResponseHolder | null;
}

/** The request that waits for the response of a generation. */
export type ResponseHolder = Pick<NewOpenResponse, 'holder' | 'workerId' | 'isDeferred' | 'retryCount'>;

/** How a generation starts: sent at once, waiting for a slot of this process, or for any process (`workerId` null). */
export interface InsertOptions {
  readonly state: 'running' | 'queued';
  readonly workerId: string | null;
  /** Writes to commit in the same transaction as the row. */
  readonly alsoInTransaction?: (id: string, sql: RunSql) => Promise<void>;
}

/** A new generation, or the existing one of the idempotency key. */
export type InsertResult = { readonly generation: GenerationEntity } | { readonly existing: IdempotencyKeyEntity };

/** So many requests were not sent because their commit is unknown that no more can be remembered. */
class DatabaseNotTrustedError extends Error {
  override readonly name = 'DatabaseNotTrustedError';
  override readonly message = 'Too many rows have an unknown commit: the database has to confirm them first';
}

/** Starts generations, and looks up idempotency keys. */
@Injectable()
export class Ledger implements OnModuleInit {
  constructor(
    private readonly repository: LedgerRepository,
    private readonly outcomes: OutcomeRecorder,
    private readonly spending: SpendService,
    private readonly tasks: PeriodicTasks,
    private readonly clock: DatabaseClock,
  ) {}

  onModuleInit(): void {
    this.tasks.register('idempotency keys', UPKEEP_INTERVAL_MS, () => this.repository.deleteExpiredKeys());
  }

  /**
   * Commits the row before any money is spent. If the idempotency key belongs to another generation, returns that one and starts nothing.
   * Throws an ApiError if the limits of the API key are exceeded, and {@link CommitUnknownError} if any process may find the row and run
   * it.
   */
  async insert(request: NewGeneration, options: InsertOptions): Promise<InsertResult> {
    const { accepted, inputs, apiKeyId, limits, projectId, idempotencyKey } = request;
    if (this.outcomes.isFull) throw new DatabaseNotTrustedError();
    const now = this.clock.now();
    const money = this.spending.reservationFor(apiKeyId, limits, accepted.request);
    const generation: GenerationEntity = { ...rowOf(request, options, now), ...money.columns };
    const claim = idempotencyKey === null ? null : { projectId, key: idempotencyKey };
    try {
      const { reservation } = money;
      const openResponse = openResponseOf(generation, request);
      const rows = { generation, inputs, openResponse, rerunOf: request.rerunOf };
      const existing = await this.repository.insert(rows, claim, reservation, options.alsoInTransaction);
      return existing === null ? { generation } : { existing };
    } catch (error) {
      const refusal = this.spending.refusalOf(error, money.reservation);
      if (refusal !== null) throw refusal;
      // If it is unknown whether the row was committed, it is marked as not sent, which releases its key. A row that any process may find
      // and run is not. What surely was not committed needs no mark: while the database is away, marks would fill the memory.
      if (options.workerId !== null && mayHaveRun(error)) this.outcomes.markNotSent(generation, options.workerId);
      throw error;
    }
  }

  /** The generation of an idempotency key; null if there is none. */
  findByIdempotencyKey(projectId: string, key: string): Promise<IdempotencyKeyEntity | null> {
    return this.repository.findKey({ projectId, key });
  }

  /** Records an operator's resolution of an unknown outcome, from the upstream's invoice. Returns whether it was unknown. */
  resolve(id: string, scope: Scope, outcome: Exclude<GenerationOutcome, 'unknown'>): Promise<boolean> {
    return this.repository.resolve(id, scope, outcome, this.clock.now());
  }
}

function openResponseOf(
  { id, projectId, apiKeyId }: GenerationEntity,
  { fingerprint, waiting }: NewGeneration,
): NewOpenResponse | null {
  return waiting && { ...waiting, generationId: id, projectId, apiKeyId, fingerprint };
}

type MoneyColumn = 'apiKeyId' | 'simulated' | 'reserved' | 'cost' | 'currency' | 'spendPeriodStart';

function rowOf(
  { accepted: { request, extra, user, metadata, dropped, adapted }, source, projectId, fingerprint }: NewGeneration,
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
    ...requestOf(extra, parameters, state),
    clientUser: user,
    metadata,
    dropped: [...dropped],
    adapted: [...adapted],
    error: null,
    upstreamRequestId: null,
    upstreamStatus: null,
    attempts: null,
    upstreamExtra: null,
    upstreamMessage: null,
    fingerprint,
    responseStatus: null,
    responseCreated: null,
    workerId,
    cancelRequestedAt: null,
    createdAt: now,
    sentAt: state === 'running' ? now : null,
    resolvedAt: null,
    finishedAt: null,
    note: null,
    deletedAt: null,
  };
}

/** The columns of the request. One that waits is read from its row to be sent, maybe by another process, so it stays complete until it ends. */
function requestOf(
  extra: Readonly<Record<string, unknown>>,
  parameters: object,
  state: InsertOptions['state'],
): Pick<GenerationEntity, 'request' | 'keptRequest' | 'cut'> {
  const { kept, cut } = keptFields(extra);
  const keptRequest = { ...kept, ...parameters };
  if (cut === null || state === 'running') return { request: keptRequest, keptRequest: null, cut };
  return { request: { ...extra, ...parameters }, keptRequest, cut };
}
