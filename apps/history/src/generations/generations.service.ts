import type { AcceptedRequest, GenerationList, GenerationRecord, ListQuery } from '@wan-image/core';
import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import type { Caller } from '../access/caller.ts';
import { ServiceAddress } from '../links/service-address.ts';
import { CommitUnknown } from '../ledger/commit-unknown.ts';
import type { GenerationImageEntity, NewImage } from '../ledger/generation-image.entity.ts';
import { OutcomeRecorder } from '../ledger/outcome-recorder.service.ts';
import { toRecord } from './generation-mapper.ts';
import type { Adaptation, GenerationEntity } from '../ledger/generation.entity.ts';
import {
  GenerationsRepository,
  type DueInput,
  type GenerationWithImages,
  type KeyClaim,
  type Priced,
  type RunSql,
} from './generations.repository.ts';
import type { IdempotencyKeyEntity } from '../ledger/idempotency-key.entity.ts';
import { imageIdOf, type ImageKey } from '../domain/image-key.ts';
import { periodStart } from '../spending/period.ts';
import { Prices } from '../spending/prices.ts';
import { noPrice, spendLimitReached } from '../spending/refusals.ts';
import { SpendLimitReached, type Reservation } from '../spending/reservation.ts';

export type { DueInput, GenerationWithImages };

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
  readonly caller: Pick<Caller, 'keyId' | 'limits'>;
}

/** How a generation begins: sent at once, waiting for this process's turn, or for any process (`workerId` null). */
export interface Beginning {
  readonly state: 'running' | 'queued';
  readonly workerId: string | null;
  /** What is to be committed with the row. */
  readonly together?: (id: string, sql: RunSql) => Promise<void>;
}

/** What a start came to. */
export type Started = { readonly generation: GenerationEntity } | { readonly taken: IdempotencyKeyEntity };

/** How long a key stands for its request. */
const KEY_LIFETIME_MS = 24 * 60 * 60 * 1000;

/** The history: every generation and what became of it. */
@Injectable()
export class GenerationsService {
  readonly #repository: GenerationsRepository;
  readonly #address: ServiceAddress;
  readonly #prices: Prices;
  readonly #endings: OutcomeRecorder;

  constructor(repository: GenerationsRepository, address: ServiceAddress, prices: Prices, endings: OutcomeRecorder) {
    this.#repository = repository;
    this.#address = address;
    this.#prices = prices;
    this.#endings = endings;
  }

  /**
   * Commits the row before any money is spent. Where the caller's key stands for another generation already,
   * that one is returned, and nothing is begun. Throws the answer where the limits of its API key do not allow it, and `CommitUnknown`
   * where it may have been left to any process.
   */
  async start(
    { request, extra, dropped, adapted }: Adapted,
    source: string,
    inputs: readonly NewImage[],
    { projectId, fingerprint, key, caller }: Identity,
    { state, workerId, together }: Beginning,
  ): Promise<Started> {
    const { image: _, ...parameters } = request;
    const now = new Date();
    const generation: GenerationEntity = {
      id: uuidv7({ msecs: now.getTime() }),
      projectId,
      state,
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
      responseStatus: null,
      responseCreated: null,
      ...this.#moneyOf({ model: request.model, n: request.n }, caller, now),
      workerId,
      cancelRequestedAt: null,
      createdAt: now,
      sentAt: state === 'running' ? now : null,
      resolvedAt: null,
      finishedAt: null,
    };
    const validFrom = new Date(now.getTime() - KEY_LIFETIME_MS);
    const claim = key === null ? null : { projectId, key, validFrom };
    const taken = await this.#inserted(generation, inputs, claim, caller.limits, together);
    return taken === null ? { generation } : { taken };
  }

  #moneyOf(
    request: { readonly model: string; readonly n: number },
    { keyId, limits: { spendPeriod } }: Identity['caller'],
    now: Date,
  ): Pick<GenerationEntity, 'apiKeyId' | 'reserved' | 'cost' | 'currency' | 'spendPeriodStart'> {
    const reserved = this.#prices.mostFor(request);
    // A limit that cannot be kept lets nothing through: its price was taken away after the key was made.
    if (reserved === null && spendPeriod !== null) throw noPrice(request.model);
    return {
      apiKeyId: keyId,
      reserved,
      cost: null,
      currency: reserved === null ? null : this.#prices.currency,
      spendPeriodStart: spendPeriod && periodStart(spendPeriod, now),
    };
  }

  /**
   * Where it cannot be told whether the row was committed, the row learns that nothing was sent, so that its key is free again; but not
   * one that any process may take up and send.
   */
  async #inserted(
    generation: GenerationEntity,
    inputs: readonly NewImage[],
    claim: KeyClaim | null,
    limits: Caller['limits'],
    together: Beginning['together'],
  ): Promise<IdempotencyKeyEntity | null> {
    const reservation = reservationOf(generation, limits);
    try {
      return await this.#repository.insert(generation, inputs, claim, reservation, together);
    } catch (error) {
      if (error instanceof SpendLimitReached && reservation !== null && limits.spendPeriod !== null) {
        const exceeded = { ...reservation, period: limits.spendPeriod, currency: this.#prices.currency };
        throw spendLimitReached(exceeded, generation.createdAt);
      }
      if (generation.workerId === null && error instanceof CommitUnknown) throw error;
      this.neverSent(generation, generation.workerId);
      throw error;
    }
  }

  /** This process has not sent it, and will not. */
  neverSent(generation: Priced, workerId: string | null): void {
    this.#endings.neverSent(generation, workerId);
  }

  /** The generation that a key stands for, if it does for any. */
  findByIdempotencyKey(projectId: string, key: string): Promise<IdempotencyKeyEntity | null> {
    return this.#repository.findKey(projectId, key, new Date(Date.now() - KEY_LIFETIME_MS));
  }

  /** Records result images of a generation, under way or ended, unless they are recorded. */
  addImages(id: string, images: readonly NewImage[]): Promise<void> {
    return this.#repository.addImages(id, images);
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

  async list(query: ListQuery, projectId: string): Promise<GenerationList> {
    const { found, hasMore } = await this.#repository.list(projectId, query);
    const data = found.map((generation) => toRecord(generation, this.#address.urlOfImage));
    return { object: 'list', data, has_more: hasMore, next_cursor: hasMore ? (data.at(-1)?.id ?? null) : null };
  }

  /** Null where there is none, and where it is of another project. */
  async get(id: string, projectId: string): Promise<GenerationRecord | null> {
    const found = await this.#repository.get(id);
    return found?.generation.projectId === projectId ? toRecord(found, this.#address.urlOfImage) : null;
  }

  /** Whose a generation is; null where there is none. */
  projectOf(id: string): Promise<string | null> {
    return this.#repository.projectOf(id);
  }

  /** Those of these that there are, by id. */
  async getMany(ids: readonly string[]): Promise<ReadonlyMap<string, GenerationRecord>> {
    const found = await this.#repository.getMany(ids);
    return new Map(found.map((one) => [one.generation.id, toRecord(one, this.#address.urlOfImage)]));
  }

  /** The permanent URL of an image. */
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

  takeDueInputs(limit: number, pausesS: readonly number[]): Promise<readonly DueInput[]> {
    return this.#repository.takeDueInputs(limit, pausesS);
  }
}

/** What has to be set aside for a generation; null where its key has no limit. */
function reservationOf(
  { apiKeyId, reserved, spendPeriodStart }: GenerationEntity,
  { spendLimit }: Caller['limits'],
): Reservation | null {
  if (apiKeyId === null || reserved === null || spendPeriodStart === null || spendLimit === null) return null;
  return { apiKeyId, periodStart: spendPeriodStart, amount: reserved, limit: spendLimit };
}
