import type { AcceptedRequest, GenerationList, GenerationRecord, ListQuery } from '@wan-image/core';
import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { v7 as uuidv7 } from 'uuid';
import type { Caller } from '../access/caller.ts';
import { ServiceAddress } from '../http/service-address.ts';
import { CommitUnknown } from './commit-unknown.ts';
import type { GenerationImageEntity, NewImage } from './generation-image.entity.ts';
import { toRecord } from './generation-mapper.ts';
import type { Adaptation, GenerationEntity } from './generation.entity.ts';
import {
  GenerationsRepository,
  type DueInput,
  type GenerationWithImages,
  type KeyClaim,
  type Priced,
  type RunSql,
  type Unsent,
} from './generations.repository.ts';
import type { RecordedEnding } from './generation-rows.repository.ts';
import type { IdempotencyKeyEntity } from './idempotency-key.entity.ts';
import { LOGGER } from '../telemetry/logger.ts';
import { imageIdOf, type ImageKey } from './image-id.ts';
import { periodStart } from '../spending/period.ts';
import { Prices } from '../spending/prices.ts';
import { noPrice, spendLimitReached } from '../spending/refusals.ts';
import { SpendLimitReached, type Reservation } from '../spending/reservation.ts';

export type { DueInput, GenerationWithImages };

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

/** An ending that the database has still to take. */
interface Unrecorded {
  readonly generation: Priced;
  readonly ending: RecordedEnding;
  readonly results: readonly NewImage[];
  readonly unsent?: Unsent & { readonly since: number };
}

/** How long a key stands for its request. */
const KEY_LIFETIME_MS = 24 * 60 * 60 * 1000;

/** How long a row that was not recorded is looked out for: the database may still be at the statement that nobody waits for any more. */
const UNSENT_WATCH_MS = 60 * 60 * 1000;

/** A database that restarts is back in a moment; a caller waits no longer than this for it. */
const FINISH_PAUSES_MS = [0, 200, 1000];

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
  readonly #unrecorded = new Map<string, Unrecorded>();
  readonly #repository: GenerationsRepository;
  readonly #address: ServiceAddress;
  readonly #prices: Prices;
  readonly #logger: Logger;

  constructor(
    repository: GenerationsRepository,
    address: ServiceAddress,
    prices: Prices,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.#repository = repository;
    this.#address = address;
    this.#prices = prices;
    this.#logger = logger;
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
      replyStatus: null,
      replyCreated: null,
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

  /**
   * This process has not sent it, whatever the row says, now or once it comes: it learns so as soon as the database takes it, unless
   * another process has taken it up meanwhile, which then sends it.
   */
  neverSent(generation: Priced, workerId: string | null): void {
    const ending = { ...NEVER_SENT, finishedAt: new Date() };
    this.#unrecorded.set(generation.id, { generation, ending, results: [], unsent: { workerId, since: Date.now() } });
  }

  /** The generation that a key stands for, if it does for any. */
  standsFor(projectId: string, key: string): Promise<IdempotencyKeyEntity | null> {
    return this.#repository.findKey(projectId, key, new Date(Date.now() - KEY_LIFETIME_MS));
  }

  /**
   * The one place where a row learns how its generation ended. Returns whether it did: where the database fails, the ending is
   * kept in memory and recorded later, because the caller has to be answered with what was paid for.
   */
  async finish(generation: Priced, ending: Ending, results: readonly NewImage[]): Promise<boolean> {
    const { id } = generation;
    const whole = { generation, ending: { ...ending, finishedAt: new Date() }, results };
    for (const pause of FINISH_PAUSES_MS) {
      // Even a pause of nothing would be one of a millisecond.
      if (pause > 0) await sleep(pause);
      try {
        return await this.#repository.finish(generation, whole.ending, whole.results);
      } catch (error) {
        this.#logger.error({ generation_id: id, err: error }, 'the end of a generation could not be recorded yet');
      }
    }
    this.#unrecorded.set(id, whole);
    return false;
  }

  /** Records result pictures of a generation, under way or ended, unless they are recorded. */
  addImages(id: string, images: readonly NewImage[]): Promise<void> {
    return this.#repository.addImages(id, images);
  }

  /** Records the endings that the database did not take at their time; what still fails is tried again the next time. */
  async finishLate(): Promise<void> {
    const absent = await this.#absent();
    for (const [id, { generation, ending, results, unsent }] of this.#unrecorded) {
      if (unsent && absent.has(id)) {
        if (Date.now() - unsent.since > UNSENT_WATCH_MS) this.#unrecorded.delete(id);
        continue;
      }
      try {
        await this.#repository.finish(generation, ending, results, unsent);
        this.#unrecorded.delete(id);
      } catch (error) {
        this.#logger.error({ generation_id: id, err: error }, 'the end of a generation could not be recorded yet');
      }
    }
  }

  /** Of what was never sent: the ids that have no row. */
  async #absent(): Promise<ReadonlySet<string>> {
    const ids = [...this.#unrecorded].flatMap(([id, { unsent }]) => (unsent ? [id] : []));
    try {
      return ids.length === 0 ? new Set() : await this.#repository.absentOf(ids);
    } catch (error) {
      this.#logger.error({ err: error }, 'it could not be told yet what was recorded after all');
      return new Set(ids);
    }
  }

  /** Files of pictures that this process holds for rows which the database has not taken yet. */
  unrecordedFiles(): readonly string[] {
    return [...this.#unrecorded.values()].flatMap(({ results }) =>
      results.map(({ sha256 }) => sha256).filter((sha256) => sha256 !== null),
    );
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
