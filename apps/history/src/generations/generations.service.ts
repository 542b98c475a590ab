import type { AcceptedRequest, GenerationList, GenerationRecord, ListQuery } from '@wan-image/core';
import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { v7 as uuidv7 } from 'uuid';
import { ServiceAddress } from '../http/service-address.ts';
import type { GenerationImageEntity, NewImage } from './generation-image.entity.ts';
import { toRecord } from './generation-mapper.ts';
import type { Adaptation, GenerationEntity, StoredError } from './generation.entity.ts';
import {
  GenerationsRepository,
  INTERRUPTED_CODE,
  type GenerationWithImages,
  type KeyClaim,
  type RecordedEnding,
} from './generations.repository.ts';
import type { IdempotencyKeyEntity } from './idempotency-key.entity.ts';
import { LOGGER } from '../telemetry/logger.ts';
import { imageIdOf, type ImageKey } from './image-id.ts';

/** How a generation ended; when, the service adds. */
export type Ending = Omit<RecordedEnding, 'finishedAt'>;

/** A request as it was accepted, and what of it was taken for something else before that. */
export interface Adapted extends AcceptedRequest {
  readonly adapted: readonly Adaptation[];
}

/** By what a request is known again. */
export interface Identity {
  readonly projectId: string;
  readonly fingerprint: string;
  /** The caller's own key, if it gave one. */
  readonly key: string | null;
}

/** What a start came to. */
export type Started = { readonly generation: GenerationEntity } | { readonly taken: IdempotencyKeyEntity };

/** How long a key stands for its request. */
const KEY_LIFETIME_MS = 24 * 60 * 60 * 1000;

/** A database that restarts is back in a moment; a caller waits no longer than this for it. */
const FINISH_PAUSES_MS = [0, 200, 1000];

const INTERRUPTED: StoredError = {
  type: 'server_error',
  code: INTERRUPTED_CODE,
  message:
    'The service stopped while this generation was under way. It may have been billed: check before you try again.',
  param: null,
};

const NEVER_SENT: Ending = {
  state: 'failed',
  outcome: 'not_billed',
  error: {
    type: 'server_error',
    code: 'not_recorded',
    message: 'The request could not be recorded in time, so it was not sent and nothing was billed.',
    param: null,
  },
  upstreamRequestId: null,
  upstreamStatus: null,
  attempts: null,
  upstreamExtra: null,
  replyStatus: 503,
  replyCreated: null,
};

/** The history: every generation and what became of it. */
@Injectable()
export class GenerationsService {
  readonly #unrecorded = new Map<string, { readonly ending: RecordedEnding; readonly results: readonly NewImage[] }>();
  readonly #repository: GenerationsRepository;
  readonly #address: ServiceAddress;
  readonly #logger: Logger;

  constructor(repository: GenerationsRepository, address: ServiceAddress, @Inject(LOGGER) logger: Logger) {
    this.#repository = repository;
    this.#address = address;
    this.#logger = logger;
  }

  /**
   * Commits the row, as running, before any money is spent. Where the caller's key stands for another generation already,
   * that one is returned, and nothing is begun.
   */
  async start(
    { request, extra, dropped, adapted }: Adapted,
    source: string,
    inputs: readonly NewImage[],
    { projectId, fingerprint, key }: Identity,
  ): Promise<Started> {
    const { image: _, ...parameters } = request;
    const now = new Date();
    const generation: GenerationEntity = {
      id: uuidv7({ msecs: now.getTime() }),
      projectId,
      state: 'running',
      outcome: null,
      source,
      model: request.model,
      prompt: request.prompt,
      request: { ...extra, ...parameters },
      dropped: [...dropped],
      adapted: [...adapted],
      error: null,
      upstreamRequestId: null,
      upstreamStatus: null,
      attempts: null,
      upstreamExtra: null,
      fingerprint,
      replyStatus: null,
      replyCreated: null,
      workerId: null,
      cancelRequestedAt: null,
      createdAt: now,
      sentAt: now,
      finishedAt: null,
    };
    const validFrom = new Date(now.getTime() - KEY_LIFETIME_MS);
    const taken = await this.#inserted(generation, inputs, key === null ? null : { projectId, key, validFrom });
    return taken === null ? { generation } : { taken };
  }

  /** Where it cannot be told whether the row was committed, the row learns that nothing was sent, so that its key is free again. */
  async #inserted(
    generation: GenerationEntity,
    inputs: readonly NewImage[],
    claim: KeyClaim | null,
  ): Promise<IdempotencyKeyEntity | null> {
    try {
      return await this.#repository.insert(generation, inputs, claim);
    } catch (error) {
      this.#unrecorded.set(generation.id, { ending: { ...NEVER_SENT, finishedAt: new Date() }, results: [] });
      throw error;
    }
  }

  /** The generation that a key stands for, if it does for any. */
  standsFor(projectId: string, key: string): Promise<IdempotencyKeyEntity | null> {
    return this.#repository.findKey(projectId, key, new Date(Date.now() - KEY_LIFETIME_MS));
  }

  /**
   * The one place where a row learns how its generation ended. Returns whether it did: where the database fails, the ending is
   * kept in memory and recorded later, because the caller has to be answered with what was paid for.
   */
  async finish(id: string, ending: Ending, results: readonly NewImage[]): Promise<boolean> {
    const whole = { ending: { ...ending, finishedAt: new Date() }, results };
    for (const pause of FINISH_PAUSES_MS) {
      await sleep(pause);
      try {
        return await this.#repository.finish(id, whole.ending, whole.results);
      } catch (error) {
        this.#logger.error({ generation_id: id, err: error }, 'the end of a generation could not be recorded yet');
      }
    }
    this.#unrecorded.set(id, whole);
    return false;
  }

  /** Records the endings that the database did not take at their time; what still fails is tried again the next time. */
  async finishLate(): Promise<void> {
    for (const [id, { ending, results }] of this.#unrecorded) {
      try {
        await this.#repository.finish(id, ending, results);
        this.#unrecorded.delete(id);
      } catch (error) {
        this.#logger.error({ generation_id: id, err: error }, 'the end of a generation could not be recorded yet');
      }
    }
  }

  /** Ends what was under way when a process died: it was sent, so nobody knows whether it was billed, and it is never sent again. */
  async failInterrupted(sentBefore: Date): Promise<number> {
    return this.#repository.failAbandoned(sentBefore, INTERRUPTED, new Date());
  }

  /** The generation that is under way for the same request, if there is one. */
  findRunning(projectId: string, fingerprint: string): Promise<string | null> {
    return this.#repository.findRunning(projectId, fingerprint);
  }

  hasEnded(id: string): Promise<boolean> {
    return this.#repository.hasEnded(id);
  }

  /** Rows as they are, for whoever answers from them. */
  read(id: string): Promise<GenerationWithImages | null> {
    return this.#repository.get(id);
  }

  /** Lets the keys go whose day is over. */
  async forgetKeys(): Promise<void> {
    await this.#repository.forgetKeys(new Date(Date.now() - KEY_LIFETIME_MS));
  }

  async list(query: ListQuery): Promise<GenerationList> {
    const { found, hasMore } = await this.#repository.list(query);
    const data = found.map((generation) => toRecord(generation, this.#address.urlOfImage));
    return { object: 'list', data, has_more: hasMore, next_cursor: hasMore ? (data.at(-1)?.id ?? null) : null };
  }

  async get(id: string): Promise<GenerationRecord | null> {
    const found = await this.#repository.get(id);
    return found && toRecord(found, this.#address.urlOfImage);
  }

  /** The permanent URL of a picture. */
  urlOfImage(key: ImageKey): string {
    return this.#address.urlOfImage(imageIdOf(key));
  }

  getImage(key: ImageKey): Promise<GenerationImageEntity | null> {
    return this.#repository.getImage(key);
  }

  settleImage(key: ImageKey, changes: Partial<NewImage>): Promise<void> {
    return this.#repository.settleImage(key, changes);
  }

  pendingImages(after: string | null, limit: number): Promise<GenerationImageEntity[]> {
    return this.#repository.pendingImages(after, limit);
  }
}
