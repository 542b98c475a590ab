import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import type { GenerationImageEntity } from '../generations/generation-image.entity.ts';
import { GenerationsService } from '../generations/generations.service.ts';
import { imageIdOf } from '../generations/image-id.ts';
import { inPieces, PicturesService, type PictureKey } from '../images/pictures.service.ts';
import { LOGGER } from '../telemetry/logger.ts';
import type { ReplyPicture } from './answer.ts';

/** Recorded pictures as a caller gets them. */
@Injectable()
export class ReplyPicturesService {
  readonly #generations: GenerationsService;
  readonly #pictures: PicturesService;
  readonly #logger: Logger;

  constructor(generations: GenerationsService, pictures: PicturesService, @Inject(LOGGER) logger: Logger) {
    this.#generations = generations;
    this.#pictures = pictures;
    this.#logger = logger;
  }

  /** The bytes, or where they cannot be had our URL, or the vendor's. Null where there is nothing. */
  async base64Of(image: GenerationImageEntity): Promise<ReplyPicture | null> {
    const { revisedPrompt, sha256 } = image;
    if (sha256 === null) return this.urlOf(image);
    const key = { imageId: imageIdOf(image), sha256 };
    const stream = await this.#pictures.openAnywhere(key);
    if (stream === null) return this.urlOf(image);
    stream.destroy();
    return this.ofKept(key, revisedPrompt);
  }

  /** What was kept a moment ago: nobody has to look whether it is there. */
  ofKept(key: PictureKey, revisedPrompt: string | null): ReplyPicture {
    return { revisedPrompt, bytes: () => this.#read(key) };
  }

  /** Null where the picture is lost and the vendor's URL of it unknown. */
  urlOf(image: GenerationImageEntity): ReplyPicture | null {
    const { state, revisedPrompt, sourceUrl } = image;
    if (state !== 'lost') return { revisedPrompt, url: this.#generations.urlOfImage(image) };
    return sourceUrl === null ? null : { revisedPrompt, url: sourceUrl };
  }

  /** What is in memory alone. */
  ofBytes(bytes: Uint8Array, revisedPrompt: string | null): ReplyPicture {
    return { revisedPrompt, bytes: () => inPieces(bytes) };
  }

  async *#read(key: PictureKey): AsyncGenerator<Uint8Array, void, void> {
    const stream = await this.#pictures.openAnywhere(key);
    if (stream === null)
      throw new Error(`The picture ${key.imageId} is neither in the store nor in the spool any more`);
    try {
      yield* stream as AsyncIterable<Uint8Array>;
    } catch (error) {
      this.#logger.error({ image_id: key.imageId, err: error }, 'a picture that was kept could not be read to its end');
      throw error;
    }
  }
}
