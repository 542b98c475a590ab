import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { v7 as uuidv7 } from 'uuid';
import { LOGGER } from '../telemetry/logger.ts';
import type { StoredError } from '../ledger/generation.entity.ts';
import { INTERRUPTED_CODE } from '../ledger/generation-rows.repository.ts';
import type { Handover } from './handover.ts';
import { WorkerLeasesRepository, type Reconciled, type Sent, type UpstreamLimits } from './work.repository.ts';

export type { Sent, UpstreamLimits };

/** How long after its last word a process counts as dead. It gives one in every {@link HEARTBEAT_MS}. */
export const LEASE_MS = 30_000;
export const HEARTBEAT_MS = 5_000;

/** How much one round of the sweep looks at. */
const ROUND = 100;

/** The status that the caller of a canceled generation is told. */
const CANCELED_STATUS = 409;

const INTERRUPTED: StoredError = {
  type: 'server_error',
  code: INTERRUPTED_CODE,
  message:
    'The service stopped while this generation was under way. It may have been billed: check before you try again.',
  param: null,
};

const CANCELED: StoredError = {
  type: 'invalid_request_error',
  code: 'canceled',
  message: 'The generation was canceled before it was sent, so nothing was billed.',
  param: null,
};

/** What this process has to do, and what others have left behind. */
@Injectable()
export class WorkerLeases {
  /** Of this process, from its start to its end. */
  readonly workerId = uuidv7();
  readonly #repository: WorkerLeasesRepository;
  readonly #logger: Logger;

  constructor(repository: WorkerLeasesRepository, @Inject(LOGGER) logger: Logger) {
    this.#repository = repository;
    this.#logger = logger;
  }

  /** Says that this process lives, and buries whom it knows to be dead without waiting for a lease. */
  async begin(line: Pick<Handover, 'alone' | 'predecessor' | 'succeed'>): Promise<void> {
    await this.#repository.heartbeat(this.workerId);
    if (line.alone) await this.#repository.expireOtherWorkers(this.workerId);
    else if (line.predecessor !== null) await this.#repository.leave(line.predecessor);
    // After that: should this process die before, the next one still finds whom it has to bury.
    await line.succeed(this.workerId);
  }

  heartbeat(): Promise<void> {
    return this.#repository.heartbeat(this.workerId);
  }

  /** This process is gone: others need not wait for its lease to take up what it leaves. */
  end(): Promise<void> {
    return this.#repository.leave(this.workerId);
  }

  /** Ends what was under way when its process died: it was sent, so nobody knows whether it was billed, and it is never sent again. */
  async failInterrupted(): Promise<void> {
    const ids = await this.#repository.orphanedRunning(LEASE_MS, ROUND);
    let count = 0;
    for (const id of ids) if (await this.#repository.failInterrupted(id, LEASE_MS, INTERRUPTED, new Date())) count++;
    if (count > 0) this.#logger.warn({ count }, 'generations that were interrupted may have been billed');
    if (ids.length < ROUND) await this.#repository.deleteExpiredWorkers(LEASE_MS);
  }

  orphanedQueued(): Promise<readonly string[]> {
    return this.#repository.orphanedQueued(this.workerId, LEASE_MS, ROUND);
  }

  adopt(id: string): Promise<boolean> {
    return this.#repository.adopt(id, this.workerId, LEASE_MS);
  }

  send(id: string): Promise<Date | null> {
    return this.#repository.send(id, this.workerId);
  }

  acquire(limits: UpstreamLimits): Promise<readonly Sent[]> {
    return this.#repository.acquire(this.workerId, limits, LEASE_MS);
  }

  /** A turn with which this process sent nothing. */
  release(sent: Sent): Promise<void> {
    return this.#repository.release(sent, this.workerId);
  }

  reconcileQueued(ids: readonly string[]): Promise<readonly Reconciled[]> {
    return this.#repository.reconcileQueued(ids, this.workerId);
  }

  /** Cancels what was not sent yet; of what was, its process is asked to give it up. Returns whether it has ended. */
  async cancel(id: string): Promise<boolean> {
    const now = new Date();
    if (await this.#repository.cancelQueued(id, CANCELED, CANCELED_STATUS, now)) return true;
    await this.#repository.requestCancel(id, now);
    return false;
  }

  cancelRequested(): Promise<readonly string[]> {
    return this.#repository.cancelRequested(this.workerId);
  }

  /** Whether the outcome was unknown, and is now what a person says. */
  resolve(id: string, outcome: 'billed' | 'not_billed'): Promise<boolean> {
    return this.#repository.resolve(id, outcome, new Date());
  }
}
