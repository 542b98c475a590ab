import { Injectable } from '@nestjs/common';
import { GenerationsRepository } from '../generations/generations.repository.ts';
import { readImageId } from '../domain/image-key.ts';
import { ApiError, notFound } from '../domain/api-error.ts';
import { ImageSignatures } from '../links/image-signatures.ts';
import { KeyCheck } from '../access/key-check.ts';

/** A request for an image, as it came: what stands in a query may be missing, or be there twice. */
export interface ImageRequest {
  readonly imageId: string;
  readonly key: unknown;
  readonly signature: unknown;
  readonly authorization: string | undefined;
}

/** Who may open an image: whoever has its signed URL, and without a signature whoever has a key of its project that may read. */
@Injectable()
export class ImageAccess {
  constructor(
    private readonly signatures: ImageSignatures,
    private readonly keyCheck: KeyCheck,
    private readonly generations: GenerationsRepository,
  ) {}

  /**
   * Why a request may not open the image, or null. A signature that is there and wrong is refused even with a right key: a URL that
   * works for its maker and for nobody else would only be noticed by those it was given to. Whatever is refused is refused in the words
   * for an image that does not exist, so that nobody learns what does.
   */
  async problemOf({ imageId, key, signature, authorization }: ImageRequest): Promise<ApiError | null> {
    if (key === undefined && signature === undefined) return this.#problemOfUnsigned(imageId, authorization);
    const isRight =
      typeof key === 'string' && typeof signature === 'string' && this.signatures.verify(imageId, { key, signature });
    return isRight ? null : noSuchImage();
  }

  async #problemOfUnsigned(imageId: string, authorization: string | undefined): Promise<ApiError | null> {
    const image = readImageId(imageId);
    try {
      const caller = await this.keyCheck.admit('read', authorization);
      const isOwn = image !== null && (await this.generations.has(caller, image.generationId));
      return isOwn ? null : noSuchImage();
    } catch (error) {
      if (error instanceof ApiError && error.status < 500) return noSuchImage();
      throw error;
    }
  }
}

/** The one answer for what does not exist and for what a request does not open. */
export function noSuchImage(): ApiError {
  return notFound('This image');
}
