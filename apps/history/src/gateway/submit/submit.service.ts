import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { RateService, type RateHeaders } from '../../access/rate.service.ts';
import { GATEWAY_CONFIG, type GatewayConfig } from '../../config/slices.ts';
import { ApiError } from '../../domain/api-error.ts';
import type { Scope } from '../../domain/scope.ts';
import { SHUTTING_DOWN } from '../../domain/closing.ts';
import { keyOfAnotherRequest } from '../../domain/repetition.ts';
import type { Origin } from '../../generations/generations.repository.ts';
import { GENERATION_JOB, JobQueue } from '../../jobs/job-queue.ts';
import type { IdempotencyKeyEntity } from '../../ledger/idempotency-key.entity.ts';
import { CommitUnknownError, Ledger, type InsertOptions, type InsertResult } from '../../ledger/ledger.service.ts';
import { StorageCheck } from '../../storage/storage-check.ts';
import { checkpoint } from '../../telemetry/checkpoints.ts';
import { setGeneration } from '../../telemetry/context.ts';
import { LOGGER } from '../../telemetry/logger.ts';
import { disconnectedBefore, notRecorded, paidFor, storageUnavailable } from '../response/refusals.ts';
import { ReplayService } from '../response/replay.service.ts';
import type { StreamedResponse } from '../response/response-stream.ts';
import { GenerationRunner } from '../run/generation-runner.service.ts';
import { RunRegistry, type Run } from '../run/run-registry.ts';
import { refuseAgain, refuseUnrecorded, Resends, type Original } from './resends.service.ts';
import { dedupeKeyOf, type KnownResult, type KnownRequest, type SubmitCommand } from './submit-command.ts';

const QUEUED_UNKNOWN =
  'The database connection was lost while the request was being recorded, so it is unknown whether it will run. Look up the x-generation-id in the history before you send it again.';

/** A request that waits for a generation. */
type Waiter = Pick<SubmitCommand, 'caller' | 'mode' | 'signal' | 'onKnown'>;

/** The result of a command. */
export interface SubmitResult extends KnownResult {
  /** Null if the generation was enqueued. */
  readonly response: StreamedResponse | null;
}

/**
 * The single entry point for requests that generate images. A repeated request, recognized by its idempotency key or as an SDK retry,
 * generates once: it gets the response of the first.
 */
@Injectable()
export class SubmitService {
  constructor(
    private readonly runs: RunRegistry,
    private readonly runner: GenerationRunner,
    private readonly ledger: Ledger,
    private readonly resends: Resends,
    private readonly replays: ReplayService,
    private readonly rates: RateService,
    private readonly jobs: JobQueue,
    private readonly storage: StorageCheck,
    @Inject(GATEWAY_CONFIG) private readonly config: GatewayConfig,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Deletes the staged files of the command unless it was recorded. Throws an ApiError if the command is refused. */
  async submit(command: SubmitCommand): Promise<SubmitResult> {
    try {
      const original = await this.resends.originalOf(command);
      if (original !== null) return await this.#joinOriginal(original, command);
      // A retry of this client may have got, meanwhile, what this request would have got.
      if (command.mode === 'wait' && command.signal.aborted) throw disconnectedBefore();
      return await this.#begin(command);
    } finally {
      await command.files.discard();
    }
  }

  /**
   * The generation of an idempotency key, made from this; null if there is none. Throws an ApiError if the key is that of a request for
   * something else, or if what it generated was deleted.
   */
  async generationOfKey({ projectId }: Scope, idempotencyKey: string, origin: Origin): Promise<string | null> {
    const known = await this.ledger.findByIdempotencyKey(projectId, idempotencyKey).catch(refuseUnrecorded);
    if (known === null) return null;
    const { generationId } = known;
    // What runs here has not ended, so nobody can have deleted it.
    if (this.runs.get(generationId) === undefined) await this.replays.checkNotDeleted(generationId).catch(refuseAgain);
    await this.replays.checkMadeFrom(generationId, origin);
    return generationId;
  }

  /** The response of an earlier request. Nothing is begun. */
  repeat(request: KnownRequest): Promise<SubmitResult> {
    return this.#awaitOriginal(request.generationId, request);
  }

  /** A request that its client has sent again without an idempotency key: it gets the generation of an earlier one. */
  #joinOriginal({ id, isHeld }: Original, command: SubmitCommand): Promise<SubmitResult> {
    const result = this.#awaitOriginal(id, command);
    return isHeld ? this.resends.hold(id, command, result) : result;
  }

  async #begin(command: SubmitCommand): Promise<SubmitResult> {
    // Before the first await, so that an equal request that arrives meanwhile finds this run.
    const dedupeKey = command.retry.idempotencyKey === null ? dedupeKeyOf(command) : null;
    const run = this.runs.submit(dedupeKey, command.mode === 'wait');
    try {
      return await this.#beginAs(run, command);
    } catch (error) {
      run.fail(error);
      throw error;
    } finally {
      // The runner removes an active run when its response is complete.
      if (run.phase !== 'active') this.runs.remove(run);
    }
  }

  async #beginAs(run: Run, command: SubmitCommand): Promise<SubmitResult> {
    const { retry, caller } = command;
    // Before the input images are stored: a replay does not need them.
    const known =
      retry.idempotencyKey === null
        ? null
        : await this.ledger.findByIdempotencyKey(caller.projectId, retry.idempotencyKey).catch(refuseUnrecorded);
    if (known !== null) return this.#joinExisting(known, run, command);
    const rate = await this.#takeRate(command);
    run.phase = 'recording';
    const inserted = await this.#record(command);
    if ('existing' in inserted) {
      run.phase = 'submitted';
      return this.#joinExisting(inserted.existing, run, command);
    }
    const { generation } = inserted;
    setGeneration(generation.id);
    command.onKnown?.({ generationId: generation.id, isReplay: false, rate });
    if (command.mode === 'queue') {
      run.assignId(generation.id);
      return { generationId: generation.id, response: null, isReplay: false, rate };
    }
    this.runner.start(run, generation, command.accepted);
    this.#countWaiter(run, generation.id, command);
    const response = await this.resends.hold(generation.id, command, this.#responseOf(run, generation.id));
    return { generationId: generation.id, response, isReplay: false, rate };
  }

  /** Stores the input images, then commits the row. */
  async #record(command: SubmitCommand): Promise<InsertResult> {
    const options = this.#insertOptionsOf(command);
    if (this.runner.isFinished) throw SHUTTING_DOWN;
    if (!(await this.storage.hasRoom())) throw storageUnavailable();
    try {
      await command.files.commit();
      checkpoint('inputs stored');
      const { caller, retry } = command;
      const { projectId, keyId: apiKeyId, limits } = caller;
      const { idempotencyKey } = retry;
      const waiting = this.resends.holderOf(command);
      const request = { ...command, projectId, apiKeyId, limits, idempotencyKey, waiting };
      const inserted = await this.ledger.insert(request, options);
      checkpoint('row committed');
      return inserted;
    } catch (error) {
      // A limit refused the request; the database did not fail.
      if (error instanceof ApiError) throw error;
      this.logger.error({ err: error }, 'a request could not be recorded');
      if (error instanceof CommitUnknownError && options.workerId === null)
        throw paidFor(error.id, QUEUED_UNKNOWN, error);
      throw notRecorded(error);
    }
  }

  #insertOptionsOf({ mode }: SubmitCommand): InsertOptions {
    if (mode === 'wait') return this.runner.initialState;
    // The first process that is free claims it.
    return {
      state: 'queued',
      workerId: null,
      alsoInTransaction: (id, sql) => this.jobs.send(GENERATION_JOB, { id }, sql),
    };
  }

  #takeRate({ caller }: SubmitCommand): Promise<RateHeaders> {
    return this.rates.take(caller).catch((error: unknown) => {
      throw error instanceof ApiError ? error : notRecorded(error);
    });
  }

  #joinExisting(
    { fingerprint, generationId }: IdempotencyKeyEntity,
    run: Run,
    command: SubmitCommand,
  ): Promise<SubmitResult> {
    if (fingerprint !== command.fingerprint) throw keyOfAnotherRequest();
    run.assignId(generationId);
    return this.#awaitOriginal(generationId, command);
  }

  /** The response of an existing generation, of this process or another. */
  async #awaitOriginal(id: string, command: Waiter): Promise<SubmitResult> {
    setGeneration(id);
    const result = { generationId: id, isReplay: true, rate: {} };
    command.onKnown?.(result);
    const here = this.runs.get(id);
    // What runs here has not ended, so nobody can have deleted it.
    if (here === undefined) await this.replays.checkNotDeleted(id).catch(refuseAgain);
    if (command.mode === 'queue') return { ...result, response: null };
    if (here !== undefined) this.#countWaiter(here, id, command);
    return { ...result, response: await this.#responseOf(here, id).catch(refuseAgain) };
  }

  async #responseOf(run: Run | undefined, id: string): Promise<StreamedResponse> {
    return (await run?.response) ?? this.replays.responseOf(id);
  }

  /** Counts a waiter. When the last one disconnects, the generation is canceled if `cancelOnDisconnect` is set. */
  #countWaiter(run: Run, id: string, { caller, signal }: Waiter): void {
    if (!run.hasClient) return;
    run.waiters++;
    onDisconnect(signal, () => {
      run.waiters--;
      const isOver = this.runs.get(id) !== run;
      if (!this.config.cancelOnDisconnect || run.waiters > 0 || isOver) return;
      this.runner.cancel(id, caller).catch((error: unknown) => {
        this.logger.warn({ generation_id: id, err: error }, 'a generation without clients could not be canceled');
      });
    });
  }
}

function onDisconnect(signal: AbortSignal, act: () => void): void {
  if (signal.aborted) act();
  else signal.addEventListener('abort', act, { once: true });
}
