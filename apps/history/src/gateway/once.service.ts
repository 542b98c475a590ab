import { Injectable } from '@nestjs/common';
import { DEFAULT_PROJECT_ID } from '../generations/default-project.ts';
import { GenerationsService, type Identity } from '../generations/generations.service.ts';
import { ApiError } from '../http/api-error.ts';
import type { GatewayReply } from './calls.service.ts';
import { GatewayService } from './gateway.service.ts';
import { REPLAYED, type Repetition } from './idempotency.ts';
import type { Intake } from './intake/intake.ts';
import { keyOfAnotherRequest, notRecorded } from './refusals.ts';
import { ReplaysService } from './replays.service.ts';

export interface OnceReply extends GatewayReply {
  /** Whether it is that of an earlier request. */
  readonly isReplay: boolean;
}

/** Makes what is sent twice, by its key or by the word of an SDK, once: the second gets the answer of the first. */
@Injectable()
export class OnceService {
  readonly #gateway: GatewayService;
  readonly #generations: GenerationsService;
  readonly #replays: ReplaysService;
  /** By fingerprint, from the first moment to the reply: pictures are fetched after the record has ended. */
  readonly #underWay = new Map<string, Promise<OnceReply>>();

  constructor(gateway: GatewayService, generations: GenerationsService, replays: ReplaysService) {
    this.#gateway = gateway;
    this.#generations = generations;
    this.#replays = replays;
  }

  async generate(intake: Intake, source: string, repetition: Repetition): Promise<OnceReply> {
    try {
      return await this.#generate(intake, source, repetition);
    } finally {
      await intake.discard();
    }
  }

  async #generate(intake: Intake, source: string, { key, isRetry }: Repetition): Promise<OnceReply> {
    const { fingerprint } = intake;
    const first = key === null && isRetry ? await this.#first(fingerprint) : null;
    if (first !== null) return first;
    const work = this.#make(intake, source, { projectId: DEFAULT_PROJECT_ID, fingerprint, key });
    this.#underWay.set(fingerprint, work);
    const over = (): void => {
      if (this.#underWay.get(fingerprint) === work) this.#underWay.delete(fingerprint);
    };
    work.then(over, over);
    return work;
  }

  async #make(intake: Intake, source: string, identity: Identity): Promise<OnceReply> {
    const { projectId, key, fingerprint } = identity;
    // Before the input pictures are kept: they would be kept for nothing.
    const known = key === null ? null : await this.#generations.standsFor(projectId, key).catch(refuseUnrecorded);
    const begun = known === null ? await this.#gateway.begin(intake, source, identity) : { taken: known };
    if ('work' in begun) return { ...(await begun.work), isReplay: false };
    if (begun.taken.fingerprint !== fingerprint) throw keyOfAnotherRequest();
    return this.#join(begun.taken.generationId);
  }

  /** The answer to the same request of an SDK that sends again without a key, while the first call may still be running. */
  async #first(fingerprint: string): Promise<OnceReply | null> {
    const here = this.#underWay.get(fingerprint);
    if (here !== undefined) return asReplay(here);
    const elsewhere = await this.#generations.findRunning(DEFAULT_PROJECT_ID, fingerprint).catch(refuseUnrecorded);
    return elsewhere === null ? null : this.#join(elsewhere);
  }

  /** Waits for the first, in this process or another. */
  #join(id: string): Promise<OnceReply> {
    const here = this.#gateway.underWay(id);
    return asReplay(here ?? this.#replays.answerOf(id).then((body) => ({ generationId: id, body })));
  }
}

async function asReplay(first: Promise<GatewayReply>): Promise<OnceReply> {
  try {
    return { ...(await first), isReplay: true };
  } catch (error) {
    throw error instanceof ApiError ? error.with({ [REPLAYED]: 'true' }) : error;
  }
}

function refuseUnrecorded(cause: unknown): never {
  throw notRecorded(cause);
}
