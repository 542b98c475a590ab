import { acceptRequest, type AcceptedRequest } from '@wan-image/core';
import { Injectable } from '@nestjs/common';
import type { Caller } from '../access/caller.ts';
import { RateService, type RateHeaders } from '../access/rate.service.ts';
import { GenerationsService, type Identity } from '../generations/generations.service.ts';
import { ApiError, invalidRequest } from '../http/api-error.ts';
import { fingerprintOf } from './fingerprint.ts';
import type { GatewayReply } from './calls.service.ts';
import { GatewayService } from './gateway.service.ts';
import { REPLAYED, type Repetition } from './idempotency.ts';
import { keyOfAnotherRequest, notRecorded } from './refusals.ts';
import { ReplaysService } from './replays.service.ts';

export interface OnceReply extends GatewayReply {
  /** Whether it is that of an earlier request. */
  readonly isReplay: boolean;
  /** How much of its rate the caller has left; empty where there is no limit, and of a replay, which counts against none. */
  readonly rate: RateHeaders;
}

/** Makes what is sent twice, by its key or by the word of an SDK, once: the second gets the answer of the first. */
@Injectable()
export class OnceService {
  readonly #gateway: GatewayService;
  readonly #generations: GenerationsService;
  readonly #replays: ReplaysService;
  readonly #rate: RateService;
  /** By project and fingerprint, from the first moment to the reply: pictures are fetched after the record has ended. */
  readonly #underWay = new Map<string, Promise<OnceReply>>();

  constructor(gateway: GatewayService, generations: GenerationsService, replays: ReplaysService, rate: RateService) {
    this.#gateway = gateway;
    this.#generations = generations;
    this.#replays = replays;
    this.#rate = rate;
  }

  async generate(body: unknown, source: string, { key, isRetry }: Repetition, caller: Caller): Promise<OnceReply> {
    const accepted = accept(body);
    const fingerprint = fingerprintOf(accepted);
    const { projectId } = caller;
    const place = `${projectId} ${fingerprint}`;
    const first = key === null && isRetry ? await this.#first(projectId, fingerprint) : null;
    if (first !== null) return first;
    const work = this.#make(accepted, source, { projectId, fingerprint, key, caller });
    this.#underWay.set(place, work);
    const over = (): void => {
      if (this.#underWay.get(place) === work) this.#underWay.delete(place);
    };
    work.then(over, over);
    return work;
  }

  async #make(accepted: AcceptedRequest, source: string, identity: Identity): Promise<OnceReply> {
    const { projectId, key, fingerprint } = identity;
    // Before the input pictures are kept: they would be kept for nothing.
    const known = key === null ? null : await this.#generations.standsFor(projectId, key).catch(refuseUnrecorded);
    const rate = known === null ? await this.#takeRate(identity) : {};
    const begun = known === null ? await this.#gateway.begin(accepted, source, identity) : { taken: known };
    if ('work' in begun) return { ...(await begun.work), isReplay: false, rate };
    if (begun.taken.fingerprint !== fingerprint) throw keyOfAnotherRequest();
    return this.#join(begun.taken.generationId);
  }

  #takeRate({ caller }: Identity): Promise<RateHeaders> {
    return this.#rate.take(caller).catch((error: unknown) => {
      throw error instanceof ApiError ? error : notRecorded(error);
    });
  }

  /** The answer to the same request of an SDK that sends again without a key, while the first call may still be running. */
  async #first(projectId: string, fingerprint: string): Promise<OnceReply | null> {
    const here = this.#underWay.get(`${projectId} ${fingerprint}`);
    if (here !== undefined) return asReplay(here);
    const elsewhere = await this.#generations.findRunning(projectId, fingerprint).catch(refuseUnrecorded);
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
    return { ...(await first), isReplay: true, rate: {} };
  } catch (error) {
    throw error instanceof ApiError ? error.with({ [REPLAYED]: 'true' }) : error;
  }
}

function refuseUnrecorded(cause: unknown): never {
  throw notRecorded(cause);
}

function accept(body: unknown): AcceptedRequest {
  const result = acceptRequest(body);
  if (result.ok) return result.accepted;
  throw invalidRequest(result.problems.map(({ message }) => message).join(' '), result.problems[0]?.param ?? null);
}
