import { Injectable } from '@nestjs/common';
import type { GenerationImageEntity } from '../generations/generation-image.entity.ts';
import { GenerationsService } from '../generations/generations.service.ts';
import { imageIdOf, type ImageKey } from '../generations/image-id.ts';
import { inPieces, PicturesService, type PictureKey } from '../images/pictures.service.ts';
import type { ReplyPicture } from './answer.ts';

/** Recorded pictures as a caller gets them. */
@Injectable()
export class ReplyPicturesService {
  readonly #generations: GenerationsService;
  readonly #pictures: PicturesService;

  constructor(generations: GenerationsService, pictures: PicturesService) {
    this.#generations = generations;
    this.#pictures = pictures;
  }

  /** The bytes, or where they cannot be had our URL, or the vendor's. Null where there is nothing. */
  async base64Of(image: GenerationImageEntity): Promise<ReplyPicture | null> {
    const { revisedPrompt, sha256, bytes } = image;
    if (sha256 === null || bytes === null) return this.urlOf(image);
    const key = { imageId: imageIdOf(image), sha256, bytes };
    return (await this.#pictures.has(key)) ? this.ofKept(key, revisedPrompt) : this.urlOf(image);
  }

  /** What was kept a moment ago: nobody has to look whether it is there. */
  ofKept(key: PictureKey, revisedPrompt: string | null): ReplyPicture {
    return { revisedPrompt, bytes: () => this.#pictures.pieces(key) };
  }

  /** Null where the picture is lost and the vendor's URL of it unknown. */
  urlOf(image: GenerationImageEntity): ReplyPicture | null {
    const { state, revisedPrompt, sourceUrl } = image;
    if (state !== 'lost') return this.ofUrl(image, revisedPrompt);
    return sourceUrl === null ? null : { revisedPrompt, url: sourceUrl };
  }

  /** By our URL. */
  ofUrl(key: ImageKey, revisedPrompt: string | null): ReplyPicture {
    return { revisedPrompt, url: this.#generations.urlOfImage(key) };
  }

  /** What is in memory alone. */
  ofBytes(bytes: Uint8Array, revisedPrompt: string | null): ReplyPicture {
    return { revisedPrompt, bytes: () => inPieces(bytes) };
  }
}
