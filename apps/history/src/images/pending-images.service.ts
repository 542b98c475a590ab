import { setTimeout as sleep } from 'node:timers/promises';
import { RESULT_URL_LIFETIME_MS, type Client } from '@wan-image/core';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { Logger } from 'pino';
import type { GenerationImageEntity } from '../ledger/generation-image.entity.ts';
import { GenerationsRepository } from '../generations/generations.repository.ts';
import { LedgerRepository } from '../ledger/ledger.repository.ts';
import { SingleFlight } from '../domain/single-flight.ts';
import { PeriodicTasks, UPKEEP_INTERVAL_MS } from '../jobs/periodic-tasks.ts';
import { ShutdownPhases } from '../jobs/shutdown-phases.ts';
import { imageIdOf, readImageId } from '../domain/image-key.ts';
import { LOGGER } from '../telemetry/logger.ts';
import { checkpoint } from '../telemetry/checkpoints.ts';
import { UPSTREAM_CLIENT } from '../upstream/upstream.ts';
import { passThrough, type PassedThrough } from './pass-through.ts';
import { notStored } from '../domain/image-errors.ts';
import { ImageFilesService, type StoredImage } from './image-files.service.ts';

export type { PassedThrough };

/** How many pending images one round covers, and how many it fetches concurrently. */
const ROUND = 20;
const AT_ONCE = 4;

/** How long a response waits for an image. The fetch continues after that, within the upstream timeout. */
const RESPONSE_LIMIT_MS = 60_000;

/** A readable image: from the store, or streamed from the vendor. */
type OpenedImage = { readonly kept: StoredImage } | { readonly passed: PassedThrough };

/** The images of generations: fetched from the vendor, and opened by id. */
@Injectable()
export class PendingImages implements OnModuleInit {
  /** By image id: a second request for an image that is being fetched waits for the same fetch. */
  readonly #fetches = new SingleFlight<string, GenerationImageEntity>();
  readonly #stopping = new AbortController();
  /** The last generation of the previous round. Rounds are cyclic, so that images that keep failing do not delay others. */
  #lastTried: string | null = null;

  constructor(
    private readonly generations: GenerationsRepository,
    private readonly ledger: LedgerRepository,
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
    const found = key && (await this.generations.findImage(key));
    if (!found || (found.role === 'input' && found.state !== 'stored')) return null;
    const image = found.state === 'pending' ? await this.fetchForResponse(found) : found;
    const { state, sha256, bytes, width, height, mimeType } = image;
    const isMeasured = sha256 !== null && bytes !== null && width !== null && height !== null && mimeType !== null;
    if (state === 'stored' && isMeasured) return { kept: { sha256, bytes, width, height, mimeType } };
    const passed = state === 'pending' ? ((await this.#spooled(image)) ?? (await this.#passThrough(image))) : null;
    if (!passed) throw notStored(state);
    return { passed };
  }

  /**
   * Fetches a pending image from the upstream. Returns its row once it is stored, or unchanged when the response has waited long enough.
   */
  async fetchForResponse(image: GenerationImageEntity): Promise<GenerationImageEntity> {
    const waited = new AbortController();
    const enough = sleep(RESPONSE_LIMIT_MS, image, { signal: waited.signal, ref: false }).catch(() => image);
    try {
      return await Promise.race([this.#fetch(image), enough]);
    } finally {
      waited.abort();
    }
  }

  /** One round of attempts to store images that were paid for. */
  async fetchPending(): Promise<void> {
    const images = await this.generations.pendingImages(this.#lastTried, ROUND);
    this.#lastTried = images.length < ROUND ? null : lastWhole(images);
    for (let from = 0; from < images.length; from += AT_ONCE) {
      await Promise.all(images.slice(from, from + AT_ONCE).map((image) => this.#fetch(image)));
    }
  }

  /** Aborts the fetches in flight and waits for them to end. Their images stay pending. */
  async #stop(): Promise<void> {
    this.#stopping.abort();
    await this.#fetches.settled();
  }

  /** An image in the spool of this process, until the store accepts it. */
  async #spooled(image: GenerationImageEntity): Promise<PassedThrough | null> {
    if (image.sha256 === null || image.mimeType === null) return null;
    const stream = await this.files.readSpooled(imageIdOf(image));
    return stream && { mimeType: image.mimeType, stream };
  }

  /**
   * Streams the image from the vendor without storing it. Null if the vendor does not return it, or returns something that is not an image.
   */
  async #passThrough(image: GenerationImageEntity): Promise<PassedThrough | null> {
    const { sourceUrl } = image;
    if (sourceUrl === null) return null;
    const retry = { maxRetries: 0 };
    try {
      return await passThrough((stop) =>
        this.client.download(sourceUrl, { signal: AbortSignal.any([stop, this.#stopping.signal]), retry }),
      );
    } catch (error) {
      this.logger.warn({ image_id: imageIdOf(image), err: error }, 'an image could not be passed through');
      return null;
    }
  }

  #fetch(image: GenerationImageEntity): Promise<GenerationImageEntity> {
    return this.#fetches.run(imageIdOf(image), () => this.#fetchOnce(image));
  }

  /** Never rejects: an image that cannot be fetched stays pending until its URL has expired. */
  async #fetchOnce(image: GenerationImageEntity): Promise<GenerationImageEntity> {
    if (image.sourceUrl === null) return image;
    // Without retries: failed attempts are repeated from the table.
    const options = { signal: this.#stopping.signal, retry: { maxRetries: 0 } };
    try {
      const kept = await this.files.store(this.client.download(image.sourceUrl, options));
      checkpoint('fetched image stored');
      return await this.#settle(image, { ...kept, state: 'stored', sourceUrl: null });
    } catch (error) {
      this.logger.warn({ image_id: imageIdOf(image), err: error }, 'an image could not be fetched yet');
    }
    return this.#givenUpIfExpired(image).catch(() => image);
  }

  /** AnyFast keeps an image for 24 hours from its response, which may arrive long after the request was recorded. */
  async #givenUpIfExpired(image: GenerationImageEntity): Promise<GenerationImageEntity> {
    // For most images, the time in the id shows this without a query.
    if (!isExpired(timeOfId(image.generationId))) return image;
    const finishedAt = (await this.generations.find(image.generationId))?.generation.finishedAt ?? null;
    return finishedAt !== null && isExpired(finishedAt.getTime()) ? this.#giveUp(image) : image;
  }

  async #settle(image: GenerationImageEntity, changes: Partial<GenerationImageEntity>): Promise<GenerationImageEntity> {
    await this.ledger.settleImage(image, changes);
    return Object.assign(image, changes);
  }

  async #giveUp(image: GenerationImageEntity): Promise<GenerationImageEntity> {
    return Object.assign(image, await this.ledger.loseImage(image));
  }
}

/** The last generation whose pending images are all on a full page: the page may end in the middle of one. */
function lastWhole(page: readonly GenerationImageEntity[]): string | null {
  const last = page.at(-1)?.generationId;
  return page.findLast((image) => image.generationId !== last)?.generationId ?? null;
}

function isExpired(since: number): boolean {
  return Date.now() - since > RESULT_URL_LIFETIME_MS;
}

/** A UUID v7 begins with the milliseconds since 1970. */
function timeOfId(id: string): number {
  return Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16);
}
