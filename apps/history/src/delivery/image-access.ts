import { Injectable } from '@nestjs/common';
import type { Credential } from '../http/credentials.ts';
import { KeyCheck } from '../access/key-check.ts';
import { ApiError, notFound } from '../domain/api-error.ts';
import { readImageId } from '../domain/image-key.ts';
import { GenerationsRepository } from '../generations/generations.repository.ts';
import { ImageSignatures } from '../links/image-signatures.ts';

/** An unvalidated request for an image: a query parameter may be missing or repeated. */
export interface ImageRequest {
  readonly imageId: string;
  readonly key: unknown;
  readonly signature: unknown;
  readonly credential: Credential | null;
}

/** Who may read an image: everyone with its signed URL and, without a signature, a key of its project with the scope `read`. */
@Injectable()
export class ImageAccess {
  constructor(
    private readonly signatures: ImageSignatures,
    private readonly keyCheck: KeyCheck,
    private readonly generations: GenerationsRepository,
  ) {}

  /**
   * Why a request may not read the image, or null. An invalid signature is refused even with a valid key: otherwise a broken URL would work
   * for its owner, and fail only for those it is shared with. Every refusal is the 404 of an image that does not exist, so that it does
   * not reveal which images exist.
   */
  async problemOf({ imageId, key, signature, credential }: ImageRequest): Promise<ApiError | null> {
    if (key === undefined && signature === undefined) return this.problemOfUnsigned(imageId, credential);
    const isValid =
      typeof key === 'string' && typeof signature === 'string' && this.signatures.verify(imageId, { key, signature });
    return isValid ? null : noSuchImage();
  }

  private async problemOfUnsigned(imageId: string, credential: Credential | null): Promise<ApiError | null> {
    const image = readImageId(imageId);
    try {
      const caller = await this.keyCheck.admit('read', credential);
      const isOwn = image !== null && (await this.generations.has(caller, image.generationId));
      return isOwn ? null : noSuchImage();
    } catch (error) {
      if (error instanceof ApiError && error.status < 500) return noSuchImage();
      throw error;
    }
  }
}

/** The error for an image that does not exist, and for one that the request may not read. */
export function noSuchImage(): ApiError {
  return notFound('This image');
}
