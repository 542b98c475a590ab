import { RESULT_URL_LIFETIME_MS, type Client } from '@wan-image/core';
import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import type { GenerationImageEntity } from '../generations/generation-image.entity.ts';
import { GenerationsService } from '../generations/generations.service.ts';
import { imageIdOf, readImageId } from '../generations/image-id.ts';
import { LOGGER } from '../telemetry/logger.ts';
import { UPSTREAM_CLIENT } from '../upstream/upstream.ts';
import { PicturesService } from './pictures.service.ts';

/** How many pending pictures one round tries. */
const ROUND = 20;

/** The pictures of generations: found by their id, and fetched late where they could not be kept at once. */
@Injectable()
export class StoredImagesService {
  readonly #generations: GenerationsService;
  readonly #pictures: PicturesService;
  readonly #client: Client;
  readonly #logger: Logger;

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
    return image.state === 'pending' ? this.#fetch(image) : image;
  }

  /** Tries again to keep what was paid for; what is older than the vendor's URLs live is lost. */
  async fetchPending(): Promise<void> {
    for (const image of await this.#generations.pendingImages(ROUND)) await this.#fetch(image);
  }

  async #fetch(image: GenerationImageEntity): Promise<GenerationImageEntity> {
    if (image.sourceUrl === null) return image;
    try {
      const kept = await this.#pictures.keep(this.#client.download(image.sourceUrl));
      return this.#update(image, { ...kept, state: 'stored', sourceUrl: null });
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
