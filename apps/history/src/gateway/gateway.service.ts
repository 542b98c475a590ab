import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { GenerationsService, type Identity, type Started } from '../generations/generations.service.ts';
import type { IdempotencyKeyEntity } from '../generations/idempotency-key.entity.ts';
import { LOGGER } from '../telemetry/logger.ts';
import { CallsService, type GatewayReply } from './calls.service.ts';
import type { Intake } from './intake/intake.ts';
import { notRecorded } from './refusals.ts';

/** What a request came to: work under way, or a generation that stands for its key already. */
export type Begun = { readonly work: Promise<GatewayReply> } | { readonly taken: IdempotencyKeyEntity };

/** Generations from the first moment to the reply: recorded, then made; what is under way here is known here. */
@Injectable()
export class GatewayService {
  /** What is under way, by the generation's id once it has one. */
  readonly #inFlight = new Set<Promise<unknown>>();
  readonly #running = new Map<string, Promise<GatewayReply>>();
  readonly #generations: GenerationsService;
  readonly #calls: CallsService;
  readonly #logger: Logger;

  constructor(generations: GenerationsService, calls: CallsService, @Inject(LOGGER) logger: Logger) {
    this.#generations = generations;
    this.#calls = calls;
    this.#logger = logger;
  }

  /**
   * Records a request and sends it. A caller that leaves does not stop it: the work goes on and is recorded. Where the caller's key
   * stands for a generation already, that is told, and nothing is sent.
   */
  async begin(intake: Intake, source: string, identity: Identity): Promise<Begun> {
    const beginning = this.#begin(intake, source, identity);
    this.#inFlight.add(beginning);
    return beginning.finally(() => this.#inFlight.delete(beginning));
  }

  /** The work on a generation, if it is this process that works on it. */
  underWay(id: string): Promise<GatewayReply> | undefined {
    return this.#running.get(id);
  }

  /** How many generations are under way. */
  get inFlight(): number {
    return this.#inFlight.size;
  }

  /** Resolves when nothing is under way any more. */
  async settled(): Promise<void> {
    while (this.#inFlight.size > 0) await Promise.allSettled(this.#inFlight);
  }

  async #begin(intake: Intake, source: string, identity: Identity): Promise<Begun> {
    const started = await this.#start(intake, source, identity);
    if ('taken' in started) return started;
    const { generation } = started;
    const work = this.#calls.make(generation, intake.accepted);
    this.#inFlight.add(work);
    this.#running.set(generation.id, work);
    const over = (): void => {
      this.#inFlight.delete(work);
      this.#running.delete(generation.id);
    };
    work.then(over, over);
    return { work };
  }

  async #start(intake: Intake, source: string, identity: Identity): Promise<Started> {
    try {
      await intake.commit();
      return await this.#generations.start(intake.accepted, source, intake.inputs, identity);
    } catch (error) {
      this.#logger.error({ err: error }, 'a request could not be recorded');
      throw notRecorded(error);
    }
  }
}
