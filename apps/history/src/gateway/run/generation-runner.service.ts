import type { AcceptedRequest } from '@wan-image/core';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { Logger } from 'pino';
import { DatabaseClock } from '../../database/database-clock.ts';
import { UpstreamSlots } from '../../dispatch/upstream-slots.service.ts';
import { WorkerLeases } from '../../dispatch/worker-leases.service.ts';
import type { Scope } from '../../domain/scope.ts';
import { PeriodicTasks } from '../../jobs/periodic-tasks.ts';
import { ShutdownPhases } from '../../jobs/shutdown-phases.ts';
import type { GenerationEntity, StoredError } from '../../ledger/generation.entity.ts';
import { LedgerRepository } from '../../ledger/ledger.repository.ts';
import { OutcomeRecorder } from '../../ledger/outcome-recorder.service.ts';
import { checkpoint } from '../../telemetry/checkpoints.ts';
import { withContext } from '../../telemetry/context.ts';
import { LOGGER } from '../../telemetry/logger.ts';
import { notRecorded } from '../response/refusals.ts';
import { RunRegistry, type Run } from './run-registry.ts';
import { UpstreamCall, type RunningCall } from './upstream-call.service.ts';

/** Interval between checks for cancel requests. */
const CANCEL_LOOK_MS = 1000;

/** The status of the response to a client whose generation is canceled. */
const CANCELED_STATUS = 409;

const CANCELED: StoredError = {
  type: 'invalid_request_error',
  code: 'canceled',
  message: 'The generation was canceled before it was sent, so nothing was billed.',
  param: null,
};

/** Runs recorded generations: each acquires an upstream slot, calls the upstream once, and can be canceled until it ends. */
@Injectable()
export class GenerationRunner implements OnModuleInit {
  #isClosing = false;
  #isFinished = false;

  constructor(
    private readonly runs: RunRegistry,
    private readonly calls: UpstreamCall,
    private readonly slots: UpstreamSlots,
    private readonly leases: WorkerLeases,
    private readonly ledger: LedgerRepository,
    private readonly outcomes: OutcomeRecorder,
    private readonly tasks: PeriodicTasks,
    private readonly shutdown: ShutdownPhases,
    private readonly clock: DatabaseClock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onModuleInit(): void {
    this.tasks.register('cancel requests', CANCEL_LOOK_MS, () => this.applyCancelRequests());
    this.shutdown.on('refuse', () => this.#close());
    this.shutdown.on('drain', () => this.runs.drained());
    this.shutdown.on('finish', () => this.#finish());
  }

  /** Whether claiming from the queue has stopped. */
  get isClosing(): boolean {
    return this.#isClosing;
  }

  /** Whether no run may begin any more, including those of requests already admitted. */
  get isFinished(): boolean {
    return this.#isFinished;
  }

  /** The initial state of a generation of this process: running, or queued if slots are limited. */
  get initialState(): { readonly state: 'running' | 'queued'; readonly workerId: string } {
    return { state: this.slots.isLimited ? 'queued' : 'running', workerId: this.leases.workerId };
  }

  /** Runs a generation once it has a slot. A client disconnect does not stop it: it continues and is recorded. */
  start(run: Run, generation: GenerationEntity, accepted: AcceptedRequest): void {
    const { id } = generation;
    this.runs.activate(run, id);
    const calling = withContext({ generationId: id }, () => this.#call(generation, accepted, run.cancellation.signal));
    run.respondWith(calling.then((call) => call?.response ?? null));
    void this.#removeWhenEnded(run, calling);
  }

  /** Cancels a generation in scope that has not ended. Its record shows the result: the response may arrive first. */
  async cancel(id: string, scope: Scope): Promise<void> {
    const now = this.clock.now();
    const hasEnded = await this.ledger.cancelQueued(id, scope, CANCELED, CANCELED_STATUS, now);
    const isRunning = !hasEnded && (await this.ledger.requestCancel(id, scope, now));
    checkpoint('cancel asked');
    if (hasEnded) this.slots.abandon(id);
    else if (isRunning) this.runs.get(id)?.cancellation.abort();
  }

  /** Cancels the generations of this process for which any process received a cancel request. */
  async applyCancelRequests(): Promise<void> {
    if (this.runs.isEmpty) return;
    for (const id of await this.leases.cancelRequested()) this.runs.get(id)?.cancellation.abort();
  }

  /** Sends a generation once it has a slot. Null if this process may no longer send it by then. */
  async #call(
    generation: GenerationEntity,
    accepted: AcceptedRequest,
    signal: AbortSignal,
  ): Promise<RunningCall | null> {
    const { id } = generation;
    try {
      const sentAt = generation.sentAt ?? (await this.slots.acquire(id));
      if (sentAt !== null) checkpoint('slot acquired');
      return sentAt === null ? null : this.calls.start(Object.assign(generation, { sentAt }), accepted, signal);
    } catch (error) {
      this.logger.error({ generation_id: id, err: error }, 'a queued generation could not be sent');
      this.outcomes.markNotSent(generation, this.leases.workerId);
      throw notRecorded(error);
    }
  }

  async #removeWhenEnded(run: Run, calling: Promise<RunningCall | null>): Promise<void> {
    try {
      await (
        await calling
      )?.ended;
    } catch {
      // The client gets this error through the response of the run.
    } finally {
      this.runs.remove(run);
      this.slots.notifyReleased();
    }
  }

  /** Stops claiming, and releases queued generations without a waiting client to the next process. */
  #close(): void {
    this.#isClosing = true;
    for (const id of this.runs.withoutClient) this.slots.abandon(id);
  }

  async #finish(): Promise<void> {
    this.#isFinished = true;
    await this.runs.drained();
    await this.slots.end();
  }
}
