import type { AcceptedRequest } from '@wan-image/core';
import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { GenerationsService, type Beginning, type Identity, type Started } from '../generations/generations.service.ts';
import type { GenerationEntity } from '../generations/generation.entity.ts';
import type { IdempotencyKeyEntity } from '../generations/idempotency-key.entity.ts';
import { WorkService } from '../generations/work.service.ts';
import { GENERATION_JOB, JobQueue } from '../jobs/job-queue.ts';
import { ApiError } from '../http/api-error.ts';
import { LOGGER } from '../telemetry/logger.ts';
import { CallsService, type GatewayReply } from './calls.service.ts';
import { InputImagesService } from './input-images.service.ts';
import { notRecorded } from './refusals.ts';
import { TurnsService } from './turns.service.ts';

/** What a request came to: work under way, or a generation that stands for its key already. */
export type Begun =
  | { readonly generationId: string; readonly work: Promise<GatewayReply | null> }
  | { readonly taken: IdempotencyKeyEntity };

/** A generation that is under way here. */
interface Running {
  /** Null where it ended, or went on, somewhere else: its record tells. */
  readonly work: Promise<GatewayReply | null>;
  readonly canceling: AbortController;
  /** Whether somebody here waits for its answer. */
  readonly hasCaller: boolean;
}

/** Generations from the first moment to the reply: recorded, then made; what is under way here is known here. */
@Injectable()
export class GatewayService {
  /** What is under way, by the generation's id once it has one. */
  readonly #inFlight = new Set<Promise<unknown>>();
  readonly #running = new Map<string, Running>();
  #closing = false;
  readonly #generations: GenerationsService;
  readonly #inputs: InputImagesService;
  readonly #calls: CallsService;
  readonly #turns: TurnsService;
  readonly #work: WorkService;
  readonly #jobs: JobQueue;
  readonly #logger: Logger;

  constructor(
    generations: GenerationsService,
    inputs: InputImagesService,
    calls: CallsService,
    turns: TurnsService,
    work: WorkService,
    jobs: JobQueue,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.#generations = generations;
    this.#inputs = inputs;
    this.#calls = calls;
    this.#turns = turns;
    this.#work = work;
    this.#jobs = jobs;
    this.#logger = logger;
  }

  /**
   * Records a request and sends it, in its turn. A caller that leaves does not stop it: the work goes on and is recorded. Where the
   * caller's key stands for a generation already, that is told, and nothing is sent.
   */
  begin(accepted: AcceptedRequest, source: string, identity: Identity): Promise<Begun> {
    return this.#counted(this.#begin(accepted, source, identity));
  }

  /** Records a request and leaves it to the queue, for whichever process comes to it first. */
  leave(accepted: AcceptedRequest, source: string, identity: Identity): Promise<Started> {
    const together: Beginning['together'] = (id, sql) => this.#jobs.send(GENERATION_JOB, { id }, sql);
    return this.#counted(this.#start(accepted, source, identity, { state: 'queued', workerId: null, together }));
  }

  /** Takes up what waits in the table and no living process has. Whoever asks twice finds it taken. */
  async takeUp(id: string): Promise<void> {
    if (this.#closing || this.#running.has(id) || !(await this.#work.adopt(id))) return;
    const found = await this.#generations.read(id);
    if (found === null) return;
    this.#run(found.generation, async () => this.#inputs.requestOf(found), false).work.catch(() => undefined);
  }

  /** Takes up what processes have left behind that are dead, or that closed before they came to it. */
  async takeUpAbandoned(): Promise<void> {
    for (const id of await this.#work.abandoned()) await this.takeUp(id);
  }

  /** Gives up what somebody, at this process or another, asked to give up. */
  async heedCancels(): Promise<void> {
    if (this.#running.size === 0) return;
    for (const id of await this.#work.cancelsAsked()) this.#running.get(id)?.canceling.abort();
  }

  /** Cancels what has not ended. Its record tells what came of that: a reply may come first. */
  async cancel(id: string): Promise<void> {
    if (await this.#work.cancel(id)) this.#turns.leave(id);
    else this.#running.get(id)?.canceling.abort();
  }

  /** The work on a generation, if it is this process that works on it. */
  underWay(id: string): Promise<GatewayReply | null> | undefined {
    return this.#running.get(id)?.work;
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

  async #begin(accepted: AcceptedRequest, source: string, identity: Identity): Promise<Begun> {
    const { workerId } = this.#work;
    const state = this.#turns.limited ? 'queued' : 'running';
    const started = await this.#start(accepted, source, identity, { state, workerId });
    if ('taken' in started) return started;
    const { work } = this.#run(started.generation, async () => accepted, true);
    return { generationId: started.generation.id, work };
  }

  async #start(accepted: AcceptedRequest, source: string, identity: Identity, beginning: Beginning): Promise<Started> {
    try {
      const inputs = await this.#inputs.keep(accepted.request);
      return await this.#generations.start(accepted, source, inputs, identity, beginning);
    } catch (error) {
      // A limit, or another answer that is known already.
      if (error instanceof ApiError) throw error;
      this.#logger.error({ err: error }, 'a request could not be recorded');
      throw notRecorded(error);
    }
  }

  #run(generation: GenerationEntity, request: () => Promise<AcceptedRequest>, hasCaller: boolean): Running {
    const { id } = generation;
    const canceling = new AbortController();
    const running = { work: this.#counted(this.#inTurn(generation, request, canceling.signal)), canceling, hasCaller };
    this.#running.set(id, running);
    const over = (): void => {
      this.#running.delete(id);
      this.#turns.freed();
    };
    running.work.then(over, over);
    return running;
  }

  /** Sends a generation when it is its turn, if it then still is for this process to send. */
  async #inTurn(
    generation: GenerationEntity,
    request: () => Promise<AcceptedRequest>,
    signal: AbortSignal,
  ): Promise<GatewayReply | null> {
    const { id } = generation;
    if (generation.sentAt !== null) return this.#calls.make(generation, await request(), signal);
    let accepted: AcceptedRequest;
    let sentAt: Date | null;
    try {
      accepted = await request();
      sentAt = await this.#turns.wait(id);
    } catch (error) {
      this.#logger.error({ generation_id: id, err: error }, 'a generation that waited could not be sent');
      this.#generations.neverSent(id);
      throw notRecorded(error);
    }
    return sentAt === null ? null : this.#calls.make(Object.assign(generation, { sentAt }), accepted, signal);
  }

  #counted<T>(work: Promise<T>): Promise<T> {
    this.#inFlight.add(work);
    const over = (): void => void this.#inFlight.delete(work);
    work.then(over, over);
    return work;
  }
}
