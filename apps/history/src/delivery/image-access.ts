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

/** What a client may see of an image. */
export interface ImageView {
  /** Resolves to null for a client that has only the signed URL: whoever it is shared with sees the image, not the record. */
  readonly prompt: Promise<string | null>;
  /** Whether its URL was signed, so that the image has existed. */
  readonly isSigned: boolean;
  /** Whether the client may see what is in the bin: with a key that has the scope `manage`, or without a signature where no key is needed. */
  maySeeBin(): Promise<boolean>;
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
   * What a request may see. Throws the error response if that is not even the image. An invalid signature is refused even with a valid key:
   * otherwise a broken URL would work for its owner, and fail only for those it is shared with. Every refusal is the 404 of an image that
   * does not exist, so that it does not reveal which images exist.
   */
  async admit(request: ImageRequest): Promise<ImageView> {
    const { imageId, key, signature } = request;
    const isSigned = key !== undefined || signature !== undefined;
    const isValid =
      typeof key === 'string' && typeof signature === 'string' && this.signatures.verify(imageId, { key, signature });
    if (isSigned && !isValid) throw noSuchImage();
    const prompt = this.#promptOf(request);
    // The signature is enough for the image, also while the database is away.
    const maySeeBin = (): Promise<boolean> => this.#maySeeBin(request, isSigned);
    if (isSigned) return { prompt: prompt.catch(() => null), isSigned, maySeeBin };
    if ((await prompt) === null) throw noSuchImage();
    return { prompt, isSigned, maySeeBin };
  }

  /** A signed URL alone shows nothing that is in the bin, also on a service without keys: it may be anybody's. */
  async #maySeeBin({ imageId, credential, projectId }: ImageRequest, isSigned: boolean): Promise<boolean> {
    if (isSigned && credential === null) return false;
    const image = readImageId(imageId);
    const caller = await this.keyCheck.admit('manage', credential).catch(withoutReader);
    if (caller === null || image === null) return false;
    const { reads } = projectId === undefined ? caller : await this.keyCheck.readingProject(caller, projectId);
    return this.generations.has(reads, image.generationId);
  }

  /** Null for a client that may not read the record of the generation. */
  async #promptOf({ imageId, credential, projectId }: ImageRequest): Promise<string | null> {
    const image = readImageId(imageId);
    const caller = await this.keyCheck.admit('read', credential).catch(withoutReader);
    if (caller === null) return null;
    // What is wrong with `project_id` says nothing about images, and is said as for any other read.
    const { reads } = projectId === undefined ? caller : await this.keyCheck.readingProject(caller, projectId);
    return image === null ? null : this.generations.promptOf(reads, image.generationId);
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
