import { Injectable } from '@nestjs/common';
import type { GenerationImageEntity } from '../../ledger/generation-image.entity.ts';
import { GenerationsService } from '../../generations/generations.service.ts';
import { imageIdOf, type ImageKey } from '../../domain/image-key.ts';
import { inChunks, ImageFilesService, type ImageFileKey } from '../../images/image-files.service.ts';
import type { ResponseImage } from './response-stream.ts';

/** Recorded images as a caller gets them. */
@Injectable()
export class ResponseImagesService {
  readonly #generations: GenerationsService;
  readonly #images: ImageFilesService;

  constructor(generations: GenerationsService, images: ImageFilesService) {
    this.#generations = generations;
    this.#images = images;
  }

  /** The bytes, or where they cannot be had our URL, or the vendor's. Null where there is nothing. */
  async base64Of(image: GenerationImageEntity): Promise<ResponseImage | null> {
    const { revisedPrompt, sha256, bytes } = image;
    if (sha256 === null || bytes === null) return this.urlOf(image);
    const key = { imageId: imageIdOf(image), sha256, bytes };
    return (await this.#images.has(key)) ? this.ofKept(key, revisedPrompt) : this.urlOf(image);
  }

  /** What was kept a moment ago: nobody has to look whether it is there. */
  ofKept(key: ImageFileKey, revisedPrompt: string | null): ResponseImage {
    return { revisedPrompt, bytes: () => this.#images.chunks(key) };
  }

  /** Null where the image is lost and the vendor's URL of it unknown. */
  urlOf(image: GenerationImageEntity): ResponseImage | null {
    const { state, revisedPrompt, sourceUrl } = image;
    if (state !== 'lost') return this.ofUrl(image, revisedPrompt);
    return sourceUrl === null ? null : { revisedPrompt, url: sourceUrl };
  }

  /** By our URL. */
  ofUrl(key: ImageKey, revisedPrompt: string | null): ResponseImage {
    return { revisedPrompt, url: this.#generations.urlOfImage(key) };
  }

  /** What is in memory alone. */
  ofBytes(bytes: Uint8Array, revisedPrompt: string | null): ResponseImage {
    return { revisedPrompt, bytes: () => inChunks(bytes) };
  }
}
