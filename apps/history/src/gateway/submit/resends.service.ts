import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { Logger } from 'pino';
import { LEASE_MS, WorkerLeases } from '../../dispatch/worker-leases.service.ts';
import { ApiError } from '../../domain/api-error.ts';
import { REPLAYED } from '../../domain/repetition.ts';
import { GenerationsRepository } from '../../generations/generations.repository.ts';
import { PeriodicTasks, UPKEEP_INTERVAL_MS } from '../../jobs/periodic-tasks.ts';
import { ShutdownPhases } from '../../jobs/shutdown-phases.ts';
import type { ResponseHolder } from '../../ledger/ledger.service.ts';
import { OpenResponsesRepository, type Resend } from '../../ledger/open-responses.repository.ts';
import { LOGGER } from '../../telemetry/logger.ts';
import { isResult, notRecorded } from '../response/refusals.ts';
import { RunRegistry, type Run } from '../run/run-registry.ts';
import { dedupeKeyOf, type SubmitCommand } from './submit-command.ts';

/** How long the error of an unknown outcome is repeated to clients that send a request again by themselves. */
const UNKNOWN_WINDOW_MS = 2 * 60_000;

/** The generation of an earlier request that a repetition gets. */
export interface Original {
  readonly id: string;
  /** Whether this request now waits for its response in place of the earlier one. */
  readonly isHeld: boolean;
}

/**
 * Recognizes requests without an idempotency key that clients send again by themselves, so that none is billed twice: each gets a response
 * that no client has received, or the error of an outcome that is unknown. As many generations begin as were requested, because each
 * response is handed to one repetition.
 */
@Injectable()
export class Resends implements OnModuleInit {
  /** Responses held by requests of this process, and those that are being closed or detached. */
  readonly #settling = new Set<Promise<void>>();
  readonly #writing = new Set<Promise<void>>();

  constructor(
    private readonly runs: RunRegistry,
    private readonly responses: OpenResponsesRepository,
    private readonly generations: GenerationsRepository,
    private readonly leases: WorkerLeases,
    private readonly tasks: PeriodicTasks,
    private readonly shutdown: ShutdownPhases,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onModuleInit(): void {
    this.tasks.register('open responses', UPKEEP_INTERVAL_MS, () => this.responses.deleteExpired());
    this.shutdown.on('flush', async () => {
      this.responses.closeNow();
      await Promise.all(this.#settling);
    });
  }

  /** Null for a request that is to begin a generation of its own. */
  async originalOf(command: SubmitCommand): Promise<Original | null> {
    if (!command.retry.mayBeResend) return null;
    // The connection of the earlier request may have broken a moment ago, or its response may have been received.
    this.responses.closeNow();
    await Promise.all(this.#writing);
    const resend = this.#resendOf(command);
    const { projectId, apiKeyId, fingerprint } = resend;
    const generationId =
      (await this.responses.take(resend, LEASE_MS).catch(refuseUnrecorded)) ??
      (await this.#takeUnrecorded(command, resend));
    if (generationId !== null) return { id: generationId, isHeld: true };
    const id = await this.generations
      .findRepeatable({ projectId }, { apiKeyId, fingerprint }, UNKNOWN_WINDOW_MS, resend.retryCount > 0)
      .catch(refuseUnrecorded);
    return id === null ? null : { id, isHeld: false };
  }

  /** Who waits for the response of a new generation; null if its idempotency key is what finds it. */
  holderOf({ id, mode, retry: { idempotencyKey, retryCount } }: SubmitCommand): ResponseHolder | null {
    if (idempotencyKey !== null) return null;
    const isDeferred = mode === 'queue';
    return { holder: id, isDeferred, retryCount, workerId: isDeferred ? null : this.leases.workerId };
  }

  /**
   * Passes on the response that a request holds, and closes it once the client has received it. If the client disconnects before, or gets an
   * error that is not the result of the generation, the next repetition gets the response.
   */
  async hold<T>(generationId: string, command: SubmitCommand, responding: Promise<T>): Promise<T> {
    // A 202 response is repeated while the generation has not ended.
    if (command.retry.idempotencyKey !== null || command.mode === 'queue') return responding;
    let hasResult = true;
    const settling = command.received
      .then((isReceived) => {
        const writing = this.#settle({ generationId, holder: command.id }, isReceived && hasResult);
        this.#writing.add(writing);
        return writing.finally(() => this.#writing.delete(writing));
      })
      .finally(() => this.#settling.delete(settling));
    this.#settling.add(settling);
    try {
      return await responding;
    } catch (error) {
      hasResult = isResult(error);
      throw error;
    }
  }

  /** Never rejects. A response that stays open is handed to a retry with a higher count, or expires. */
  async #settle(held: { readonly generationId: string; readonly holder: string }, isReceived: boolean): Promise<void> {
    try {
      await (isReceived ? this.responses.close(held) : this.responses.detach(held));
    } catch (error) {
      this.logger.warn({ generation_id: held.generationId, err: error }, 'an open response could not be updated');
    }
  }

  /** A retry may overtake the row of its first request: that one is in this process. */
  async #takeUnrecorded(command: SubmitCommand, resend: Resend): Promise<string | null> {
    if (resend.retryCount === 0) return null;
    const tried = new Set<Run>();
    for (;;) {
      const run = this.runs.findEqual(dedupeKeyOf(command), tried);
      if (run === undefined) return null;
      tried.add(run);
      const id = await run.id.catch(refuseAgain);
      if (await this.responses.takeOf(id, resend).catch(refuseUnrecorded)) return id;
    }
  }

  #resendOf({ id, caller, fingerprint, mode, retry: { retryCount } }: SubmitCommand): Resend {
    return {
      projectId: caller.projectId,
      apiKeyId: caller.keyId,
      fingerprint,
      isDeferred: mode === 'queue',
      retryCount,
      holder: id,
      workerId: this.leases.workerId,
    };
  }
}

/** Rethrows the error that the first request got, marked as a replay. */
export function refuseAgain(error: unknown): never {
  throw error instanceof ApiError ? error.with({ [REPLAYED]: 'true' }) : error;
}

export function refuseUnrecorded(cause: unknown): never {
  throw notRecorded(cause);
}
