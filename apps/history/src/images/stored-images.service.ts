import { RESULT_URL_LIFETIME_MS, type Client } from '@wan-image/core';
import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import type { GenerationImageEntity } from '../generations/generation-image.entity.ts';
import { GenerationsService } from '../generations/generations.service.ts';
import { imageIdOf, readImageId } from '../generations/image-id.ts';
import { LOGGER } from '../telemetry/logger.ts';
import { UPSTREAM_CLIENT } from '../upstream/upstream.ts';
import { PicturesService } from './pictures.service.ts';

/** How many pending pictures one round tries, at the same time. */
const ROUND = 20;

/** How long one try may take. An answer that waits for a picture waits no longer than this. */
const FETCH_LIMIT_MS = 60_000;

/** The pictures of generations: fetched from the vendor, and found by their id. */
@Injectable()
export class StoredImagesService {
  /** By id: whoever wants a picture that is being fetched waits for the same fetch. */
  readonly #fetching = new Map<string, Promise<GenerationImageEntity>>();
  readonly #stopping = new AbortController();
  readonly #generations: GenerationsService;
  readonly #pictures: PicturesService;
  readonly #client: Client;
  readonly #logger: Logger;
  /** The generation that the last round ended with; rounds go around, so that pictures that keep failing hold up no others. */
  #lastTried: string | null = null;

  constructor(
    generations: GenerationsService,
    pictures: PicturesService,
    @Inject(UPSTREAM_CLIENT) client: Client,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.#generations = generations;
    this.#pictures = pictures;
    this.#client = client;
    this.#logger = logger;
  }

  /** Null where there is no such picture, or only a URL of it. One that is still pending is fetched now. */
  async find(imageId: string): Promise<GenerationImageEntity | null> {
    const key = readImageId(imageId);
    const image = key && (await this.#generations.getImage(key));
    if (!image || image.state === null) return null;
    return image.state === 'pending' ? this.fetch(image) : image;
  }

  /** Fetches a pending picture from the vendor and records it. Never rejects: what cannot be had stays pending, or is lost for good. */
  fetch(image: GenerationImageEntity): Promise<GenerationImageEntity> {
    const id = imageIdOf(image);
    const running = this.#fetching.get(id);
    if (running) return running;
    const fetching = this.#fetchOnce(image).finally(() => this.#fetching.delete(id));
    this.#fetching.set(id, fetching);
    return fetching;
  }

  /** One round of tries to keep what was paid for. */
  async fetchPending(): Promise<void> {
    const images = await this.#generations.pendingImages(this.#lastTried, ROUND);
    this.#lastTried = images.length < ROUND ? null : (images.at(-1)?.generationId ?? null);
    await Promise.all(images.map((image) => this.fetch(image)));
  }

  /** Gives up what is being fetched; it stays pending. */
  stop(): void {
    this.#stopping.abort();
  }

  async #fetchOnce(image: GenerationImageEntity): Promise<GenerationImageEntity> {
    if (image.sourceUrl === null) return image;
    const signal = AbortSignal.any([AbortSignal.timeout(FETCH_LIMIT_MS), this.#stopping.signal]);
    try {
      const kept = await this.#pictures.keep(this.#client.download(image.sourceUrl, { signal }));
      return await this.#update(image, { ...kept, state: 'stored', sourceUrl: null });
    } catch (error) {
      this.#logger.warn({ image_id: imageIdOf(image), err: error }, 'a picture could not be fetched yet');
      const expired = Date.now() - timeOfId(image.generationId) > RESULT_URL_LIFETIME_MS;
      return expired ? this.#update(image, { state: 'lost' }) : image;
    }
  }

  async #update(image: GenerationImageEntity, changes: Partial<GenerationImageEntity>): Promise<GenerationImageEntity> {
    await this.#generations.updateImage(image, changes);
    return Object.assign(image, changes);
  }
}

/** A UUID v7 begins with the milliseconds since 1970. */
function timeOfId(id: string): number {
  return Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16);
}
