import { Injectable } from '@nestjs/common';
import type { GenerationImageEntity } from '../../ledger/generation-image.entity.ts';
import { ServiceAddress } from '../../links/service-address.ts';
import { imageIdOf, type ImageKey } from '../../domain/image-key.ts';
import { inChunks, ImageFilesService, type ImageFileKey } from '../../images/image-files.service.ts';
import type { ResponseImage } from './response-stream.ts';

/** Converts recorded output images to the form that a client receives. */
@Injectable()
export class ResponseImagesService {
  constructor(
    private readonly address: ServiceAddress,
    private readonly files: ImageFilesService,
  ) {}

  /** The bytes if they are stored, otherwise a URL of this service or of the upstream. Null if there is neither. */
  async base64Of(image: GenerationImageEntity): Promise<ResponseImage | null> {
    const { revisedPrompt, sha256, bytes } = image;
    if (sha256 === null || bytes === null) return this.urlOf(image);
    const key = { imageId: imageIdOf(image), sha256, bytes };
    return (await this.files.has(key)) ? this.ofStored(key, revisedPrompt) : this.urlOf(image);
  }

  /** For an image that was just stored, so no lookup is needed. */
  ofStored(key: ImageFileKey, revisedPrompt: string | null): ResponseImage {
    return { revisedPrompt, bytes: () => this.files.chunks(key) };
  }

  /** Null if the image is lost and has no upstream URL. */
  urlOf(image: GenerationImageEntity): ResponseImage | null {
    const { state, revisedPrompt, sourceUrl } = image;
    if (state !== null && state !== 'lost') return this.ofUrl(image, revisedPrompt);
    return sourceUrl === null ? null : { revisedPrompt, url: sourceUrl };
  }

  /** The image as a URL of this service. */
  ofUrl(key: ImageKey, revisedPrompt: string | null): ResponseImage {
    return { revisedPrompt, url: this.address.urlOfImage(imageIdOf(key)) };
  }

  /** For an image that is only in memory. */
  ofBytes(bytes: Uint8Array, revisedPrompt: string | null): ResponseImage {
    return { revisedPrompt, bytes: () => inChunks(bytes) };
  }
}
