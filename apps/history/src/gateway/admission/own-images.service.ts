import { byteCountProblem, inspectedImageProblem, inspectImage } from '@wan-image/core';
import { Inject, Injectable } from '@nestjs/common';
import { buffer } from 'node:stream/consumers';
import type { Scope } from '../../domain/scope.ts';
import { GenerationsRepository } from '../../generations/generations.repository.ts';
import { readImageId } from '../../domain/image-key.ts';
import { ApiError, invalidRequest } from '../../domain/api-error.ts';
import { ServiceAddress } from '../../links/service-address.ts';
import { notStored } from '../../domain/image-errors.ts';
import type { StoredImage } from '../../images/image-files.service.ts';
import { PendingImages } from '../../images/pending-images.service.ts';
import { IMAGE_STORE, type ImageStore } from '../../storage/image-store.ts';
import { readerOf, StoredInput } from '../intake/stored-input.ts';
import { ChangedSince } from './changed-since.ts';

const NOT_HERE = 'does not exist: it may have been deleted';

/** Resolves this service's URLs to its images: the upstream cannot reach a laptop, and the record shows where an input came from. */
@Injectable()
export class OwnImagesService {
  constructor(
    private readonly address: ServiceAddress,
    private readonly generations: GenerationsRepository,
    private readonly images: PendingImages,
    @Inject(IMAGE_STORE) private readonly store: ImageStore,
  ) {}

  /** The image of a URL; null if the URL is not of this service. Throws an ApiError if it cannot be used. `name` names it in messages. */
  async find(url: string, name: string, scope: Scope): Promise<StoredInput | null> {
    const address = this.address.readImageUrl(url);
    if (address === null) return null;
    if (!address.valid) await this.#checkUnsigned(url, address.imageId, name, scope);
    const image = await this.#open(address.imageId, name);
    // The existing row may be deleted before this use has its own row; garbage collection keeps files that were touched recently.
    if (!(await this.store.touch(image.sha256))) throw gone(name, address.imageId, FILE_GONE);
    const tooLarge = byteCountProblem(image.bytes, name);
    if (tooLarge !== null) throw invalidRequest(tooLarge, name);
    const read = async (offset: number, count: number): Promise<Uint8Array> => {
      const part = await this.#read(image, offset, count);
      if (part === null) throw gone(name, address.imageId, FILE_GONE);
      return part;
    };
    const problem = inspectedImageProblem(await inspectImage({ length: image.bytes, read }), name);
    if (problem !== null) throw invalidRequest(problem, name);
    return new StoredInput(readerOf(this.store), image, { fromImage: address.imageId });
  }

  /** An image without a signature must be in the caller's project. An invalid signature is refused. */
  async #checkUnsigned(url: string, imageId: string, name: string, scope: Scope): Promise<void> {
    const { searchParams } = new URL(url);
    if (searchParams.has('signature') || searchParams.has('key'))
      throw notUsable(name, 'has an invalid signature: use the URL exactly as the service returned it');
    const generationId = readImageId(imageId)?.generationId;
    const isOwn = generationId !== undefined && (await this.generations.has(scope, generationId));
    if (!isOwn) throw gone(name, imageId, NOT_HERE);
  }

  async #open(imageId: string, name: string): Promise<StoredImage> {
    const opened = await this.images.open(imageId).catch((error: unknown) => {
      if (error instanceof ApiError && error.status === 410)
        throw gone(name, imageId, 'is lost: its bytes could not be stored');
      throw error;
    });
    if (opened === null) throw gone(name, imageId, NOT_HERE);
    if ('passed' in opened) opened.passed.stream.destroy();
    if (opened.isBinned) throw gone(name, imageId, 'is in the bin: restore it first');
    if ('kept' in opened) return opened.kept;
    throw notStored('pending');
  }

  /** Null if its file is missing. */
  async #read({ sha256, bytes }: StoredImage, offset: number, count: number): Promise<Uint8Array | null> {
    const file = await this.store.open(sha256, { start: offset, end: Math.min(offset + count, bytes) - 1 });
    return file === null ? null : buffer(file.stream());
  }
}

const FILE_GONE = 'is lost: its file is missing from the store';

/** It could be used before, maybe. */
function gone(name: string, imageId: string, problem: string): ApiError {
  return new ChangedSince(notUsable(name, problem), { imageId });
}

function notUsable(name: string, problem: string): ApiError {
  return invalidRequest(`${name} is an image of this service that ${problem}.`, name);
}
