import { acceptRequest, type AcceptedRequest } from '@wan-image/core';
import { Injectable } from '@nestjs/common';
import { DEFAULT_PROJECT_ID } from '../generations/default-project.ts';
import { GenerationsService, type Identity } from '../generations/generations.service.ts';
import { ApiError, invalidRequest } from '../http/api-error.ts';
import { fingerprintOf } from './fingerprint.ts';
import type { Answer } from './answer.ts';
import { GatewayService } from './gateway.service.ts';
import { REPLAYED, type Repetition } from './idempotency.ts';
import { keyOfAnotherRequest, notRecorded } from './refusals.ts';
import { ReplaysService } from './replays.service.ts';

export interface OnceReply {
  readonly answer: Answer;
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

  async generate(body: unknown, source: string, { key, isRetry }: Repetition): Promise<OnceReply> {
    const accepted = accept(body);
    const fingerprint = fingerprintOf(accepted);
    const first = key === null && isRetry ? await this.#first(fingerprint) : null;
    if (first !== null) return first;
    const making = this.#make(accepted, source, { projectId: DEFAULT_PROJECT_ID, fingerprint, key });
    this.#underWay.set(fingerprint, making);
    const over = (): void => {
      if (this.#underWay.get(fingerprint) === making) this.#underWay.delete(fingerprint);
    };
    // The answer begins with the first picture, and the work goes on.
    making.then((made) => ('ended' in made ? made.ended : undefined)).then(over, over);
    return making;
  }

  async #make(
    accepted: AcceptedRequest,
    source: string,
    identity: Identity,
  ): Promise<OnceReply & { readonly ended?: Promise<void> }> {
    const { projectId, key, fingerprint } = identity;
    // Before the input pictures are kept: they would be kept for nothing.
    const known = key === null ? null : await this.#generations.standsFor(projectId, key).catch(refuseUnrecorded);
    const begun = known === null ? await this.#gateway.begin(accepted, source, identity) : { taken: known };
    if ('work' in begun) return { answer: await begun.work, ended: begun.ended, isReplay: false };
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
    return asReplay((here ?? this.#replays.answerOf(id)).then((answer) => ({ answer })));
  }
}

async function asReplay(first: Promise<Pick<OnceReply, 'answer'>>): Promise<OnceReply> {
  try {
    return { answer: (await first).answer, isReplay: true };
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
