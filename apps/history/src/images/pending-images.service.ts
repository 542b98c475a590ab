import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, RetryPolicy } from '@wan-image/core';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { Logger } from 'pino';
import { isDatabaseUnavailable } from '../database/unavailable.ts';
import type { GenerationImageEntity } from '../ledger/generation-image.entity.ts';
import { GenerationsRepository } from '../generations/generations.repository.ts';
import { LedgerRepository } from '../ledger/ledger.repository.ts';
import { PendingOutputsRepository } from '../ledger/pending-outputs.repository.ts';
import { SingleFlight } from '../domain/single-flight.ts';
import { PeriodicTasks, UPKEEP_INTERVAL_MS } from '../jobs/periodic-tasks.ts';
import { ShutdownPhases } from '../jobs/shutdown-phases.ts';
import { imageIdOf, readImageId } from '../domain/image-key.ts';
import { LOGGER } from '../telemetry/logger.ts';
import { checkpoint } from '../telemetry/checkpoints.ts';
import { UPSTREAM_CLIENT } from '../upstream/upstream.ts';
import { CUT_OFF, CutOffImages } from './cut-off-images.ts';
import { finalProblemOf } from './final-problem.ts';
import { passThrough, type PassedThrough } from './pass-through.ts';
import { isTextPage, TextPageError } from './text-pages.ts';
import { notFound } from '../domain/api-error.ts';
import { notStored } from '../domain/image-errors.ts';
import { ImageFilesService, type StoredImage } from './image-files.service.ts';
import type { StagedFile } from '../storage/staged-file.ts';

export type { PassedThrough };

/** How many pending images are claimed together, and how many are fetched concurrently. */
const CLAIMED_TOGETHER = 16;
const AT_ONCE = 8;

/** Pauses between attempts, in seconds: some fifty attempts within a day. */
const PAUSES_S = [60, 120, 300, 600, 1200, 1800] as const;

/** An attempt whose URL expires within this time is the last that surely is made. */
const LONGEST_PAUSE_MS = 2 * PAUSES_S[5] * 1000;

/** How many stored images are remembered for a time without a database, and how long: another process may delete them. */
const MAX_RECENT = 10_000;
const RECENT_MS = 10 * 60_000;

/** How long a response waits for an image. The fetch continues after that, within the upstream timeout. */
const RESPONSE_LIMIT_MS = 60_000;

/** Failed attempts are repeated from the table, not at once. */
const NO_RETRIES = { maxRetries: 0 };

/** While a response needs the bytes: an image host may serve an image only some seconds after its URL. About 15 seconds in all. */
const RETRIES: Partial<RetryPolicy> = { maxRetries: 6, baseDelayMs: 250, maxDelayMs: 5_000, maxTotalDelayMs: 15_000 };

/** A readable image: from the store, or streamed from the vendor. */
type OpenedImage = ({ readonly kept: StoredImage } | { readonly passed: PassedThrough }) & {
  /** Whether it, or its generation, is in the bin. */
  readonly isBinned: boolean;
};

/** The images of generations: fetched from the vendor, and opened by id. */
@Injectable()
export class PendingImages implements OnModuleInit {
  /** By image id: a second request for an image that is being fetched waits for the same fetch. */
  readonly #fetches = new SingleFlight<string, GenerationImageEntity>();
  readonly #cutOff = new CutOffImages();
  readonly #stopping = new AbortController();
  /** By image id: while the database is away, their signed URLs still work. */
  readonly #recent = new LRUCache<string, StoredImage>({ max: MAX_RECENT, ttl: RECENT_MS });
  /** Images that this process has claimed and not begun to fetch. */
  #claimed: GenerationImageEntity[] = [];
  #claiming: Promise<void> | null = null;

  constructor(
    private readonly generations: GenerationsRepository,
    private readonly ledger: LedgerRepository,
    private readonly outputs: PendingOutputsRepository,
    private readonly files: ImageFilesService,
    @Inject(UPSTREAM_CLIENT) private readonly client: Client,
    private readonly tasks: PeriodicTasks,
    private readonly shutdown: ShutdownPhases,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onModuleInit(): void {
    this.tasks.register('pending images', UPKEEP_INTERVAL_MS, () => this.fetchPending());
    this.shutdown.on('stop', () => this.#stop());
  }

  /**
   * Null if there is no such image, or only the URL of an input. A pending image is fetched now; if it cannot be stored, it is passed
   * through. Throws the error response for an image that is lost or currently unavailable.
   */
  async open(imageId: string): Promise<OpenedImage | null> {
    const key = readImageId(imageId);
    const shown =
      key && (await this.generations.findShown(key).catch((error: unknown) => this.#remembered(imageId, error)));
    if (shown !== null && 'kept' in shown) return shown;
    const isGone = shown === null || shown.image.state === 'deleted';
    if (isGone || shown.isBinned) this.#recent.delete(imageId);
    if (isGone) return null;
    const { image: found, isBinned } = shown;
    // Its bytes are not here, but at the URL that the request named.
    if (found.role === 'input' && found.state !== 'stored') throw notFound('This image');
    const image = found.state === 'pending' ? await this.fetchForResponse(found) : found;
    const { state, sha256, bytes, width, height, mimeType } = image;
    const isKept = sha256 !== null && bytes !== null && mimeType !== null;
    if (state === 'stored' && isKept) {
      const kept = { sha256, bytes, width, height, mimeType };
      if (!isBinned) this.#recent.set(imageId, kept);
      return { kept, isBinned };
    }
    // An image that can never be stored may still be readable, as long as its URL is valid.
    const isReadable =
      state === 'pending' || (state === 'lost' && image.warning !== null && !(await this.outputs.isExpired(image)));
    const passed = isReadable ? ((await this.#spooled(image)) ?? (await this.#passThrough(image))) : null;
    if (!passed) throw notStored(state);
    return { passed, isBinned };
  }

  /**
   * Fetches a pending image from the upstream; with retries if the response needs the bytes (`isUrgent`). Returns its row once it is stored,
   * or unchanged when the response has waited long enough.
   */
  async fetchForResponse(image: GenerationImageEntity, isUrgent = false): Promise<GenerationImageEntity> {
    const waited = new AbortController();
    const enough = sleep(RESPONSE_LIMIT_MS, image, { signal: waited.signal, ref: false }).catch(() => image);
    try {
      return await Promise.race([isUrgent ? this.#fetchUrgently(image) : this.#fetch(image), enough]);
    } finally {
      waited.abort();
    }
  }

  /** Fetches images that were paid for, the oldest first, until none is due. */
  async fetchPending(): Promise<void> {
    const recovered = await this.outputs.recoverLostTooEarly();
    if (recovered > 0) this.logger.warn({ count: recovered }, 'images were given up by a clock that was ahead');
    const hastened = new Set<string>();
    await Promise.all(Array.from({ length: AT_ONCE }, () => this.#fetchWhileDue(hastened)));
  }

  async #fetchWhileDue(hastened: Set<string>): Promise<void> {
    for (let claimed = await this.#nextDue(); claimed !== null; claimed = await this.#nextDue()) {
      const { sourceUrl, tries } = claimed;
      const { state } = await this.#fetch(claimed);
      if (state === 'stored' && sourceUrl !== null && (tries ?? 0) > 1) await this.#hasten(sourceUrl, hastened);
    }
  }

  /** Claims together what all workers of a round fetch one by one. Null if nothing is due. */
  async #nextDue(): Promise<GenerationImageEntity | null> {
    if (this.#stopping.signal.aborted) return null;
    if (this.#claimed.length === 0) {
      this.#claiming ??= this.#claim().finally(() => {
        this.#claiming = null;
      });
      await this.#claiming;
    }
    return this.#claimed.shift() ?? null;
  }

  async #claim(): Promise<void> {
    this.#claimed.push(...(await this.outputs.claimDue(CLAIMED_TOGETHER, PAUSES_S)));
  }

  /** Once a round for each host: its images failed together, and need not wait for their next attempts any more. */
  async #hasten(sourceUrl: string, hastened: Set<string>): Promise<void> {
    const { host } = new URL(sourceUrl);
    if (hastened.has(host)) return;
    hastened.add(host);
    await this.outputs.hasten(host);
  }

  /** Aborts the fetches in flight and waits for them to end. Their images stay pending. */
  async #stop(): Promise<void> {
    this.#stopping.abort();
    await this.#fetches.settled();
  }

  #remembered(imageId: string, error: unknown): OpenedImage & { readonly kept: StoredImage } {
    const kept = this.#recent.get(imageId);
    if (kept === undefined || !isDatabaseUnavailable(error)) throw error;
    return { kept, isBinned: false };
  }

  /** An image in the spool of this process, until the store accepts it. */
  async #spooled(image: GenerationImageEntity): Promise<PassedThrough | null> {
    if (image.sha256 === null || image.mimeType === null) return null;
    const stream = await this.files.readSpooled(imageIdOf(image));
    return stream && { mimeType: image.mimeType, isImage: image.width !== null, stream };
  }

  /**
   * Streams the image from the vendor without storing it. Null if the vendor does not return it, or returns something that is not an image.
   */
  async #passThrough(image: GenerationImageEntity): Promise<PassedThrough | null> {
    const { sourceUrl } = image;
    if (sourceUrl === null) return null;
    const retry = NO_RETRIES;
    try {
      return await passThrough((stop) =>
        this.client.download(sourceUrl, { signal: AbortSignal.any([stop, this.#stopping.signal]), retry }),
      );
    } catch (error) {
      this.logger.warn({ image_id: imageIdOf(image), err: error }, 'an image could not be passed through');
      return null;
    }
  }

  #fetch(image: GenerationImageEntity, retry: Partial<RetryPolicy> = NO_RETRIES): Promise<GenerationImageEntity> {
    return this.#fetches.run(imageIdOf(image), () => this.#fetchOnce(image, retry));
  }

  /** A second time if it joined a fetch without retries that failed, or if the connection ended before the image did. */
  async #fetchUrgently(image: GenerationImageEntity): Promise<GenerationImageEntity> {
    const id = imageIdOf(image);
    const isJoining = this.#fetches.has(id);
    const fetched = await this.#fetch(image, RETRIES);
    const isWorthIt = fetched.state === 'pending' && (isJoining || this.#cutOff.has(id));
    return isWorthIt ? this.#fetch(image, RETRIES) : fetched;
  }

  /**
   * Never rejects. An image that cannot be fetched stays pending until its URL has expired, by the database's clock, whatever the state of
   * its generation; it is lost at once if no further attempt can succeed.
   */
  async #fetchOnce(image: GenerationImageEntity, retry: Partial<RetryPolicy>): Promise<GenerationImageEntity> {
    if (image.sourceUrl === null) return image;
    const options = { signal: this.#stopping.signal, retry };
    try {
      let isCutOff = false;
      const kept = await this.files.storeAny(this.client.download(image.sourceUrl, options), async (file, info) => {
        if (info === null) await this.#judgeText(image, file);
        else isCutOff = await this.#cutOff.judge(imageIdOf(image), file, info, image.tries ?? 0);
      });
      checkpoint('fetched image stored');
      const warning = [image.warning, kept.warning, isCutOff ? CUT_OFF : null].filter(Boolean).join(' ') || null;
      const settled = await this.#settle(image, { ...kept, warning, state: 'stored', sourceUrl: null });
      this.#recent.set(imageIdOf(image), kept);
      return settled;
    } catch (error) {
      if (this.#stopping.signal.aborted) return image;
      return this.#failed(image, error).catch(() => image);
    }
  }

  /** A page in place of an image is not all there is: it is kept only if there is no further attempt before the URL expires. */
  async #judgeText(image: GenerationImageEntity, file: StagedFile): Promise<void> {
    if (!(await isTextPage(file)) || (await this.outputs.isExpired(image, LONGEST_PAUSE_MS))) return;
    throw new TextPageError(`The host of the image sent a text of ${file.bytes} bytes in its place`);
  }

  async #failed(image: GenerationImageEntity, error: unknown): Promise<GenerationImageEntity> {
    const warning = finalProblemOf(error);
    const facts = { image_id: imageIdOf(image), err: error };
    if (warning !== null) {
      this.logger.warn(facts, 'an image can never be stored, so it is not fetched again');
      await this.ledger.settleImage(image, { warning });
      return Object.assign(image, { warning }, await this.ledger.loseImage(image));
    }
    this.logger.warn(facts, 'an image could not be fetched yet');
    return Object.assign(image, await this.outputs.loseExpired(image));
  }

  async #settle(image: GenerationImageEntity, changes: Partial<GenerationImageEntity>): Promise<GenerationImageEntity> {
    await this.ledger.settleImage(image, changes);
    return Object.assign(image, changes);
  }
}
