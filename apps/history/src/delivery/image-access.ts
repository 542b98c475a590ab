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
  /** The project whose image it is, or `all`: for the admin key, without a signature. */
  readonly projectId: unknown;
  readonly credential: Credential | null;
}

/**
 * Who may read an image: everyone with its signed URL and, without a signature, a key of its project with the scope `read`, or the admin key
 * with the `project_id` of its project.
 */
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
  async problemOf(request: ImageRequest): Promise<ApiError | null> {
    const { imageId, key, signature } = request;
    if (key === undefined && signature === undefined) return this.problemOfUnsigned(request);
    const isValid =
      typeof key === 'string' && typeof signature === 'string' && this.signatures.verify(imageId, { key, signature });
    return isValid ? null : noSuchImage();
  }

  private async problemOfUnsigned({ imageId, credential, projectId }: ImageRequest): Promise<ApiError | null> {
    const image = readImageId(imageId);
    const caller = await this.keyCheck.admit('read', credential).catch(withoutReader);
    if (caller === null) return noSuchImage();
    // What is wrong with `project_id` says nothing about images, and is said as for any other read.
    const { reads } = projectId === undefined ? caller : await this.keyCheck.readingProject(caller, projectId);
    const isReadable = image !== null && (await this.generations.has(reads, image.generationId));
    return isReadable ? null : noSuchImage();
  }
}

/** Null for a request that may read nothing. A key that cannot be checked stays an error. */
function withoutReader(error: unknown): null {
  if (error instanceof ApiError && error.status < 500) return null;
  throw error;
}

/** The error for an image that does not exist, and for one that the request may not read. */
export function noSuchImage(): ApiError {
  return notFound('This image');
}
