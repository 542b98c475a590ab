import { acceptRequest, type AcceptedRequest } from '@wan-image/core';
import { Injectable } from '@nestjs/common';
import { GenerationsService } from '../generations/generations.service.ts';
import { invalidRequest } from '../http/api-error.ts';
import { fingerprintOf } from './fingerprint.ts';
import { GatewayService, notRecorded, type GatewayReply } from './gateway.service.ts';
import { keyOfAnotherRequest, type Repetition } from './idempotency.ts';
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

  constructor(gateway: GatewayService, generations: GenerationsService, replays: ReplaysService) {
    this.#gateway = gateway;
    this.#generations = generations;
    this.#replays = replays;
  }

  async generate(body: unknown, source: string, { key, isRetry }: Repetition): Promise<OnceReply> {
    const accepted = accept(body);
    const fingerprint = fingerprintOf(accepted);
    // An SDK that sends again without a key does so while the first call may still be running.
    const first = key === null && isRetry ? await this.#running(fingerprint) : null;
    if (first !== null) return this.#join(first);
    const begun = await this.#gateway.begin(accepted, source, { fingerprint, key });
    if ('work' in begun) return { ...(await begun.work), isReplay: false };
    if (begun.taken.fingerprint !== fingerprint) throw keyOfAnotherRequest();
    return this.#join(begun.taken.generationId);
  }

  async #running(fingerprint: string): Promise<string | null> {
    try {
      return await this.#generations.findRunning(fingerprint);
    } catch (error) {
      throw notRecorded(error);
    }
  }

  /** Waits for the first, in this process or another. */
  async #join(id: string): Promise<OnceReply> {
    const here = this.#gateway.underWay(id);
    if (here !== undefined) return { ...(await here), isReplay: true };
    return { generationId: id, body: await this.#replays.answerOf(id), isReplay: true };
  }
}

function accept(body: unknown): AcceptedRequest {
  const result = acceptRequest(body);
  if (result.ok) return result.accepted;
  throw invalidRequest(result.problems.map(({ message }) => message).join(' '), result.problems[0]?.param ?? null);
}
