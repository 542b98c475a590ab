import { byteCountProblem, bytesSource, judgeImageBytes, MAX_INPUT_IMAGE_BYTES } from '@wan-image/core';
import { Inject, Injectable } from '@nestjs/common';
import { buffer } from 'node:stream/consumers';
import type { Scope } from '../../domain/scope.ts';
import { GenerationsRepository } from '../../generations/generations.repository.ts';
import { readImageId } from '../../domain/image-key.ts';
import { ApiError, invalidRequest } from '../../domain/api-error.ts';
import { ServiceAddress } from '../../links/service-address.ts';
import { notStored } from '../../images/image-problems.ts';
import type { StoredImage } from '../../images/image-files.service.ts';
import { PendingImages } from '../../images/pending-images.service.ts';
import { IMAGE_STORE, type ImageStore } from '../../storage/image-store.ts';
import { StoredInput } from '../intake/stored-input.ts';

const NOT_HERE = 'does not exist here: it may have been deleted';

/** What of a file is looked at for its header. One that is longer, for its metadata, makes the whole image be read. */
const HEADER_BYTES = 256 * 1024;

/** Images of this service that are given as its own URLs: the upstream cannot reach a laptop, and the record shows where they came from. */
@Injectable()
export class OwnImagesService {
  constructor(
    private readonly address: ServiceAddress,
    private readonly generations: GenerationsRepository,
    private readonly images: PendingImages,
    @Inject(IMAGE_STORE) private readonly store: ImageStore,
  ) {}

  /** The image behind a URL, or null where that is none of this service. Throws the answer where it cannot be sent; `name` is how messages call it. */
  async find(url: string, name: string, scope: Scope): Promise<StoredInput | null> {
    const read = this.address.readImageUrl(url);
    if (read === null) return null;
    if (!read.valid) await this.#checkUnsigned(url, read.imageId, name, scope);
    const kept = await this.#kept(read.imageId, name);
    await this.#renew(kept.sha256, name);
    const tooLarge = byteCountProblem(kept.bytes, name);
    if (tooLarge !== null) throw invalidRequest(tooLarge, name);
    const judged = await this.#judge(kept, name);
    if ('problem' in judged) throw invalidRequest(judged.problem, name);
    return new StoredInput(this.store, kept, { fromImage: read.imageId });
  }

  /** Without a signature it has to be an image of the caller's own project; with one, that has to be right. */
  async #checkUnsigned(url: string, imageId: string, name: string, scope: Scope): Promise<void> {
    const { searchParams } = new URL(url);
    if (searchParams.has('signature') || searchParams.has('key'))
      throw refused(name, 'has a signature that is not right: use the URL as it was given out');
    const generationId = readImageId(imageId)?.generationId;
    const isOwn = generationId !== undefined && (await this.generations.has(scope, generationId));
    if (!isOwn) throw refused(name, NOT_HERE);
  }

  async #kept(imageId: string, name: string): Promise<StoredImage> {
    const opened = await this.images.open(imageId).catch((error: unknown) => {
      if (error instanceof ApiError && error.status === 410)
        throw refused(name, 'is lost: its bytes could not be kept');
      throw error;
    });
    if (opened === null) throw refused(name, NOT_HERE);
    if ('kept' in opened) return opened.kept;
    opened.passed.stream.destroy();
    throw notStored('pending');
  }

  /** A row of its own is still to come, and the one that knows the file may be deleted before: the sweep leaves what is new. */
  async #renew(sha256: string, name: string): Promise<void> {
    try {
      await this.store.renew(sha256);
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') throw fileGone(name);
      throw error;
    }
  }

  async #judge({ sha256, bytes }: StoredImage, name: string): Promise<ReturnType<typeof judgeImageBytes>> {
    const head = await this.#read(sha256, HEADER_BYTES, name);
    const judged = judgeImageBytes({ ...bytesSource(head), length: bytes }, name);
    if ('mimeType' in judged || bytes <= HEADER_BYTES) return judged;
    return judgeImageBytes(bytesSource(await this.#read(sha256, MAX_INPUT_IMAGE_BYTES, name)), name);
  }

  async #read(sha256: string, most: number, name: string): Promise<Uint8Array> {
    const stream = await this.store.read(sha256, { start: 0, end: most - 1 });
    if (stream === null) throw fileGone(name);
    return buffer(stream);
  }
}

function fileGone(name: string): ApiError {
  return refused(name, 'is lost: its file is gone from the store');
}

function refused(name: string, problem: string): ApiError {
  return invalidRequest(`${name} is an image of this service that ${problem}.`, name);
}
