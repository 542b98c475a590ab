import type { AcceptedRequest } from '@wan-image/core';
import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import type { GenerationEntity } from '../../ledger/generation.entity.ts';
import { CommitUnknown } from '../../ledger/commit-unknown.ts';
import {
  GenerationsService,
  type Beginning,
  type Identity,
  type Started,
} from '../../generations/generations.service.ts';
import type { IdempotencyKeyEntity } from '../../ledger/idempotency-key.entity.ts';
import { WorkerLeases } from '../../dispatch/worker-leases.service.ts';
import { ApiError } from '../../domain/api-error.ts';
import { CLOSING } from '../../domain/closing.ts';
import { StorageCheck } from '../../storage/storage-check.ts';
import { LOGGER } from '../../telemetry/logger.ts';
import { checkpoint } from '../../telemetry/checkpoints.ts';
import type { StreamedResponse, Work } from '../response/response-stream.ts';
import { UpstreamCall } from './upstream-call.service.ts';
import type { Intake } from '../intake/intake.ts';
import { notRecorded, paidFor, storageUnavailable } from '../response/refusals.ts';
import { UpstreamSlots } from '../../dispatch/upstream-slots.service.ts';

const LEFT_UNKNOWN =
  'The database broke off while it recorded the request, so nobody knows whether it will run. Look for it in the history under the x-generation-id before you send it again.';

/** A generation that is under way here. */
interface Running {
  /** Null where it ended, or went on, somewhere else: its record tells. */
  readonly response: Promise<StreamedResponse | null>;
  readonly ended: Promise<void>;
  readonly canceling: AbortController;
  /** Whether somebody here waits for its answer. */
  readonly hasCaller: boolean;
}

/** What a request came to: work under way, or a generation that stands for its key already. */
export type Begun =
  | { readonly id: string; readonly work: Pick<Running, 'response' | 'ended'> }
  | { readonly taken: IdempotencyKeyEntity };

/** Generations from the first moment to the end: recorded, then made in their turn; what is under way here is known here. */
@Injectable()
export class GenerationRunner {
  readonly #inFlight = new Set<Promise<unknown>>();
  /** By the generation's id. */
  readonly #running = new Map<string, Running>();
  #closing = false;
  #ended = false;
  readonly #generations: GenerationsService;
  readonly #calls: UpstreamCall;
  readonly #turns: UpstreamSlots;
  readonly #work: WorkerLeases;
  readonly #storage: StorageCheck;
  readonly #logger: Logger;

  constructor(
    generations: GenerationsService,
    calls: UpstreamCall,
    turns: UpstreamSlots,
    work: WorkerLeases,
    storage: StorageCheck,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.#generations = generations;
    this.#calls = calls;
    this.#turns = turns;
    this.#work = work;
    this.#storage = storage;
    this.#logger = logger;
  }

  /**
   * Records a request and sends it, in its turn. A caller that leaves does not stop it: the work goes on and is recorded. Where the
   * caller's key stands for a generation already, that is told, and nothing is sent.
   */
  begin(intake: Intake, source: string, identity: Identity): Promise<Begun> {
    return this.#counted(this.#begin(intake, source, identity));
  }

  /** Records a request, and no more. */
  record(intake: Intake, source: string, identity: Identity, beginning: Beginning): Promise<Started> {
    return this.#counted(this.#record(intake, source, identity, beginning));
  }

  /** Makes, in its turn, a generation that was recorded before and that nobody here waits for. */
  resume(generation: GenerationEntity, request: () => Promise<AcceptedRequest>): void {
    this.#run(generation, request, false);
  }

  /** Whether nothing may be taken up any more. */
  get closing(): boolean {
    return this.#closing;
  }

  /** Whether a generation is under way here. */
  has(id: string): boolean {
    return this.#running.has(id);
  }

  /** Gives up what somebody, at this process or another, asked to give up. */
  async applyCancelRequests(): Promise<void> {
    if (this.#running.size === 0) return;
    for (const id of await this.#work.cancelRequested()) this.#running.get(id)?.canceling.abort();
  }

  /** Cancels what has not ended. Its record tells what came of that: a reply may come first. */
  async cancel(id: string): Promise<void> {
    const hasEnded = await this.#work.cancel(id);
    checkpoint('cancel asked');
    if (hasEnded) this.#turns.leave(id);
    else this.#running.get(id)?.canceling.abort();
  }

  /** The answer of a generation, if it is this process that works on it. */
  underWay(id: string): Promise<StreamedResponse | null> | undefined {
    return this.#running.get(id)?.response;
  }

  /** How many generations are under way. */
  get inFlight(): number {
    return this.#inFlight.size;
  }

  /** Takes up nothing more, and leaves what waits, and nobody here waits for, to the next process. */
  close(): void {
    this.#closing = true;
    for (const [id, { hasCaller }] of this.#running) if (!hasCaller) this.#turns.leave(id);
  }

  /** Resolves when nothing is under way any more. */
  async settled(): Promise<void> {
    while (this.#inFlight.size > 0) await Promise.allSettled(this.#inFlight);
  }

  /** Begins nothing any more, also of what was let in before, and resolves when nothing is under way: what is sent later has no process. */
  async end(): Promise<void> {
    this.#ended = true;
    await this.settled();
    await this.#turns.end();
  }

  async #begin(intake: Intake, source: string, identity: Identity): Promise<Begun> {
    const { workerId } = this.#work;
    const state = this.#turns.limited ? 'queued' : 'running';
    const started = await this.#record(intake, source, identity, { state, workerId });
    if ('taken' in started) return started;
    const work = this.#run(started.generation, async () => intake.accepted, true);
    return { id: started.generation.id, work };
  }

  async #record(intake: Intake, source: string, identity: Identity, beginning: Beginning): Promise<Started> {
    if (this.#ended) throw CLOSING;
    if (!(await this.#storage.hasRoom())) throw storageUnavailable();
    try {
      await intake.commit();
      checkpoint('inputs stored');
      const started = await this.#generations.start(intake.accepted, source, intake.inputs, identity, beginning);
      checkpoint('row committed');
      return started;
    } catch (error) {
      // Refused by a limit, not by the database.
      if (error instanceof ApiError) throw error;
      this.#logger.error({ err: error }, 'a request could not be recorded');
      if (error instanceof CommitUnknown && beginning.workerId === null) throw paidFor(error.id, LEFT_UNKNOWN, error);
      throw notRecorded(error);
    }
  }

  #run(generation: GenerationEntity, request: () => Promise<AcceptedRequest>, hasCaller: boolean): Running {
    const { id } = generation;
    const canceling = new AbortController();
    const turn = this.#inTurn(generation, request, canceling.signal);
    const response = turn.then((work) => work?.response ?? null);
    // Nobody may be there to hear of it.
    response.catch(() => undefined);
    const ended = turn.then((work) => work?.ended).catch(() => undefined);
    const running = { response, ended: this.#counted(ended), canceling, hasCaller };
    this.#running.set(id, running);
    const over = (): void => {
      this.#running.delete(id);
      this.#turns.freed();
    };
    ended.then(over, over);
    return running;
  }

  /** Sends a generation when it is its turn, if it then still is for this process to send. */
  async #inTurn(
    generation: GenerationEntity,
    request: () => Promise<AcceptedRequest>,
    signal: AbortSignal,
  ): Promise<Work | null> {
    const { id } = generation;
    try {
      const accepted = await request();
      const sentAt = generation.sentAt ?? (await this.#turns.wait(id));
      if (sentAt !== null) checkpoint('turn taken');
      return sentAt === null ? null : this.#calls.make(Object.assign(generation, { sentAt }), accepted, signal);
    } catch (error) {
      this.#logger.error({ generation_id: id, err: error }, 'a generation that waited could not be sent');
      this.#generations.neverSent(generation, this.#work.workerId);
      throw notRecorded(error);
    }
  }

  #counted<T>(work: Promise<T>): Promise<T> {
    this.#inFlight.add(work);
    const over = (): void => void this.#inFlight.delete(work);
    work.then(over, over);
    return work;
  }
}
