import type { RetryHints } from '@wan-image/core';
import { Injectable } from '@nestjs/common';
import type { Caller } from '../access/caller.ts';
import { RateService, type RateHeaders } from '../access/rate.service.ts';
import { GenerationsService, type Identity } from '../generations/generations.service.ts';
import { ApiError } from '../http/api-error.ts';
import type { StreamedResponse } from './response-stream.ts';
import { DeferredService } from './deferred.service.ts';
import { GatewayService } from './gateway.service.ts';
import { REPLAYED } from './idempotency.ts';
import type { Intake } from './intake/intake.ts';
import { keyOfAnotherRequest, notRecorded } from './refusals.ts';
import { ReplaysService } from './replays.service.ts';
import { Undelivered } from './undelivered.ts';

export interface SubmitResult {
  readonly response: StreamedResponse;
  /** Whether it is that of an earlier request. */
  readonly isReplay: boolean;
  /** How much of its rate the caller has left; empty where there is no limit, and of a replay, which counts against none. */
  readonly rate: RateHeaders;
}

/** A request as its caller sent it. */
export interface Asked {
  readonly intake: Intake;
  /** Who asks, in its own words. */
  readonly source: string;
  readonly retryHints: RetryHints;
  readonly caller: Caller;
  /** Aborts when the caller has gone before its answer was whole. */
  readonly left: AbortSignal;
  /** Whether that is to cancel its request. */
  readonly cancels: boolean;
}

/** A generation that was left to the queue. */
interface Left extends Pick<SubmitResult, 'isReplay' | 'rate'> {
  readonly id: string;
}

/** Makes what is sent twice, by its key or by the word of an SDK, once: the second gets the answer of the first. */
@Injectable()
export class OnceService {
  readonly #gateway: GatewayService;
  readonly #generations: GenerationsService;
  readonly #replays: ReplaysService;
  readonly #rate: RateService;
  readonly #deferred: DeferredService;
  /** The ids of generations by project and fingerprint, from the first moment to the reply: images are fetched after the record has ended. */
  readonly #underWay = new Map<string, Promise<string>>();

  readonly #undelivered = new Undelivered();

  /** How many callers there are for a generation that was begun here and is under way. */
  readonly #callers = new Map<string, number>();

  constructor(
    gateway: GatewayService,
    generations: GenerationsService,
    replays: ReplaysService,
    rate: RateService,
    deferred: DeferredService,
  ) {
    this.#deferred = deferred;
    this.#gateway = gateway;
    this.#generations = generations;
    this.#replays = replays;
    this.#rate = rate;
  }

  /** Lets go of what the request brought along, unless it was recorded. */
  async generate(asked: Asked): Promise<SubmitResult> {
    try {
      return await this.#generate(asked);
    } finally {
      await asked.intake.discard();
    }
  }

  async #generate(asked: Asked): Promise<SubmitResult> {
    const { intake, caller, retryHints } = asked;
    const { idempotencyKey: key, isRetry } = retryHints;
    const { fingerprint } = intake;
    const { projectId } = caller;
    const place = placeOf(projectId, fingerprint);
    const first = key === null && isRetry ? await this.#first(asked, place) : null;
    if (first !== null) {
      const { generationId } = first.response;
      this.#undelivered.forget(place);
      // It may go as the one before it did.
      this.#whenLeft(asked.left, () => this.#undelivered.add(place, generationId));
      return first;
    }
    const begun = Promise.withResolvers<string>();
    // Nobody may come who waits for it.
    begun.promise.catch(() => undefined);
    const making = this.#make(asked, { projectId, fingerprint, key, caller }, begun.resolve);
    making.catch(begun.reject);
    this.#underWay.set(place, begun.promise);
    const over = (): void => {
      if (this.#underWay.get(place) === begun.promise) this.#underWay.delete(place);
    };
    // The answer begins with the first image, and the work goes on.
    making.then((made) => ('ended' in made ? made.ended : undefined)).then(over, over);
    return making;
  }

  /** Leaves a request to the queue, and gives back the id of its generation, or of that for which its key stands. */
  async leave(asked: Asked): Promise<Left> {
    try {
      return await this.#leave(asked);
    } finally {
      await asked.intake.discard();
    }
  }

  async #leave({ intake, source, retryHints: { idempotencyKey: key, isRetry }, caller }: Asked): Promise<Left> {
    const { projectId } = caller;
    const running =
      key === null && isRetry
        ? await this.#generations.findRunning(projectId, intake.fingerprint).catch(refuseUnrecorded)
        : null;
    if (running !== null) return { id: running, isReplay: true, rate: {} };
    const identity = { projectId, fingerprint: intake.fingerprint, key, caller };
    const known = key === null ? null : await this.#generations.standsFor(projectId, key).catch(refuseUnrecorded);
    const rate = known === null ? await this.#takeRate(identity) : {};
    const left = known === null ? await this.#deferred.leave(intake, source, identity) : { taken: known };
    if ('generation' in left) return { id: left.generation.id, isReplay: false, rate };
    if (left.taken.fingerprint !== intake.fingerprint) throw keyOfAnotherRequest();
    return { id: left.taken.generationId, isReplay: true, rate };
  }

  /** Tells the id as soon as there is one. */
  async #make(
    asked: Asked,
    identity: Identity,
    tell: (id: string) => void,
  ): Promise<SubmitResult & { readonly ended?: Promise<void> }> {
    const { intake, source, left } = asked;
    const { projectId, key, fingerprint } = identity;
    // Before the input images are kept: they would be kept for nothing.
    const known = key === null ? null : await this.#generations.standsFor(projectId, key).catch(refuseUnrecorded);
    const rate = known === null ? await this.#takeRate(identity) : {};
    const begun = known === null ? await this.#gateway.begin(intake, source, identity) : { taken: known };
    if ('work' in begun) {
      const { id, work } = begun;
      tell(id);
      this.#callers.set(id, 0);
      void work.ended.then(() => this.#callers.delete(id));
      this.#whenLeft(left, () => this.#undelivered.add(placeOf(projectId, fingerprint), id));
      this.#count(id, asked);
      const response = (await work.response) ?? (await this.#replays.responseOf(id));
      return { response, ended: work.ended, isReplay: false, rate };
    }
    if (begun.taken.fingerprint !== fingerprint) throw keyOfAnotherRequest();
    tell(begun.taken.generationId);
    return this.#join(begun.taken.generationId, asked);
  }

  #takeRate({ caller }: Identity): Promise<RateHeaders> {
    return this.#rate.take(caller).catch((error: unknown) => {
      throw error instanceof ApiError ? error : notRecorded(error);
    });
  }

  /** The answer to the same request of an SDK that sends again without a key, while the first call may still be running. */
  async #first(asked: Asked, place: string): Promise<SubmitResult | null> {
    const { intake, caller } = asked;
    const here = this.#underWay.get(place);
    if (here !== undefined) return this.#join(await here.catch(refuseAgain), asked);
    const elsewhere = await this.#generations.findRunning(caller.projectId, intake.fingerprint).catch(refuseUnrecorded);
    return elsewhere === null ? this.#undeliveredTo(place, asked) : this.#join(elsewhere, asked);
  }

  #whenLeft(left: AbortSignal, act: () => void): void {
    if (left.aborted) act();
    else left.addEventListener('abort', act, { once: true });
  }

  /** Counts a caller of a generation, until it leaves. When the last has gone, it is canceled where that is wanted. */
  #count(id: string, { left, cancels }: Asked): void {
    const before = this.#callers.get(id);
    if (before === undefined) return;
    this.#callers.set(id, before + 1);
    this.#whenLeft(left, () => {
      const others = (this.#callers.get(id) ?? 0) - 1;
      if (others < 0) return;
      this.#callers.set(id, others);
      if (cancels && others === 0) this.#gateway.cancel(id).catch(() => undefined);
    });
  }

  /** What was made for a caller that had gone when its answer came: an SDK that sends again asks for that, not for another. */
  async #undeliveredTo(place: string, asked: Asked): Promise<SubmitResult | null> {
    const id = this.#undelivered.take(place);
    if (id === null) return null;
    const found = await this.#generations.read(id).catch((error: unknown) => {
      // Whoever is told so asks once more.
      this.#undelivered.add(place, id);
      return refuseUnrecorded(error);
    });
    return found === null || found.generation.outcome === 'not_billed' ? null : this.#join(id, asked);
  }

  /** Waits for the first, in this process or another. */
  #join(id: string, asked: Asked): Promise<SubmitResult> {
    this.#count(id, asked);
    const here = this.#gateway.underWay(id);
    const response = async (): Promise<StreamedResponse> => (await here) ?? this.#replays.responseOf(id);
    return asReplay(response());
  }
}

function placeOf(projectId: string, fingerprint: string): string {
  return `${projectId} ${fingerprint}`;
}

async function asReplay(first: Promise<StreamedResponse>): Promise<SubmitResult> {
  return { response: await first.catch(refuseAgain), isReplay: true, rate: {} };
}

/** With the answer that the first got. */
function refuseAgain(error: unknown): never {
  throw error instanceof ApiError ? error.with({ [REPLAYED]: 'true' }) : error;
}

function refuseUnrecorded(cause: unknown): never {
  throw notRecorded(cause);
}
