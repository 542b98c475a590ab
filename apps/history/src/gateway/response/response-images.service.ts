import { Injectable } from '@nestjs/common';
import type { GenerationImageEntity } from '../../ledger/generation-image.entity.ts';
import { ServiceAddress } from '../../links/service-address.ts';
import { imageIdOf, type ImageKey } from '../../domain/image-key.ts';
import { inChunks, ImageFilesService, type ImageFileKey } from '../../images/image-files.service.ts';
import type { ResponseImage } from './response-stream.ts';

/** Recorded output images as a client gets them. */
@Injectable()
export class ResponseImagesService {
  constructor(
    private readonly address: ServiceAddress,
    private readonly files: ImageFilesService,
  ) {}

  /** The bytes; where they cannot be had a URL of this service, or of the upstream. Null where there is nothing. */
  async base64Of(image: GenerationImageEntity): Promise<ResponseImage | null> {
    const { revisedPrompt, sha256, bytes } = image;
    if (sha256 === null || bytes === null) return this.urlOf(image);
    const key = { imageId: imageIdOf(image), sha256, bytes };
    return (await this.files.has(key)) ? this.ofStored(key, revisedPrompt) : this.urlOf(image);
  }

  /** An image that was just stored: it need not be looked up. */
  ofStored(key: ImageFileKey, revisedPrompt: string | null): ResponseImage {
    return { revisedPrompt, bytes: () => this.files.chunks(key) };
  }

  /** Null where the image is lost and the upstream's URL of it unknown. */
  urlOf(image: GenerationImageEntity): ResponseImage | null {
    const { state, revisedPrompt, sourceUrl } = image;
    if (state !== null && state !== 'lost') return this.ofUrl(image, revisedPrompt);
    return sourceUrl === null ? null : { revisedPrompt, url: sourceUrl };
  }

  /** By the URL of this service. */
  ofUrl(key: ImageKey, revisedPrompt: string | null): ResponseImage {
    return { revisedPrompt, url: this.address.urlOfImage(imageIdOf(key)) };
  }

  /** What is in memory alone. */
  ofBytes(bytes: Uint8Array, revisedPrompt: string | null): ResponseImage {
    return { revisedPrompt, bytes: () => inChunks(bytes) };
  }
}
