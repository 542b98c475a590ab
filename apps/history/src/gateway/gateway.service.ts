import type { AcceptedRequest } from '@wan-image/core';
import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { GenerationsService, type Identity, type Started } from '../generations/generations.service.ts';
import type { IdempotencyKeyEntity } from '../generations/idempotency-key.entity.ts';
import { LOGGER } from '../telemetry/logger.ts';
import type { Answer } from './answer.ts';
import { CallsService } from './calls.service.ts';
import { InputImagesService } from './input-images.service.ts';
import { StorageCheck } from '../storage/storage-check.ts';
import { notRecorded, storageUnavailable } from './refusals.ts';

/** What a request came to: work under way, or a generation that stands for its key already. */
export type Begun =
  | { readonly work: Promise<Answer>; readonly ended: Promise<void> }
  | { readonly taken: IdempotencyKeyEntity };

/** Generations from the first moment to the reply: recorded, then made; what is under way here is known here. */
@Injectable()
export class GatewayService {
  /** What is under way, by the generation's id once it has one. */
  readonly #inFlight = new Set<Promise<unknown>>();
  readonly #running = new Map<string, Promise<Answer>>();
  readonly #generations: GenerationsService;
  readonly #inputs: InputImagesService;
  readonly #calls: CallsService;
  readonly #storage: StorageCheck;
  readonly #logger: Logger;

  constructor(
    generations: GenerationsService,
    inputs: InputImagesService,
    calls: CallsService,
    storage: StorageCheck,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.#generations = generations;
    this.#inputs = inputs;
    this.#calls = calls;
    this.#storage = storage;
    this.#logger = logger;
  }

  /**
   * Records a request and sends it. A caller that leaves does not stop it: the work goes on and is recorded. Where the caller's key
   * stands for a generation already, that is told, and nothing is sent.
   */
  async begin(accepted: AcceptedRequest, source: string, identity: Identity): Promise<Begun> {
    const beginning = this.#begin(accepted, source, identity);
    this.#inFlight.add(beginning);
    return beginning.finally(() => this.#inFlight.delete(beginning));
  }

  /** The work on a generation, if it is this process that works on it. */
  underWay(id: string): Promise<Answer> | undefined {
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

  async #begin(accepted: AcceptedRequest, source: string, identity: Identity): Promise<Begun> {
    if (!(await this.#storage.hasRoom())) throw storageUnavailable();
    const started = await this.#start(accepted, source, identity);
    if ('taken' in started) return started;
    const { generation } = started;
    const { answer, ended } = this.#calls.make(generation, accepted);
    this.#inFlight.add(ended);
    this.#running.set(generation.id, answer);
    const over = (): void => {
      this.#inFlight.delete(ended);
      this.#running.delete(generation.id);
    };
    ended.then(over, over);
    return { work: answer, ended };
  }

  async #start(accepted: AcceptedRequest, source: string, identity: Identity): Promise<Started> {
    try {
      const inputs = await this.#inputs.keep(accepted.request);
      return await this.#generations.start(accepted, source, inputs, identity);
    } catch (error) {
      this.#logger.error({ err: error }, 'a request could not be recorded');
      throw notRecorded(error);
    }
  }
}
