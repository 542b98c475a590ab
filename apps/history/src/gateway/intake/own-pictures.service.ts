import { byteCountProblem, bytesSource, judgePictureBytes, MAX_INPUT_IMAGE_BYTES } from '@wan-image/core';
import { Inject, Injectable } from '@nestjs/common';
import { buffer } from 'node:stream/consumers';
import { ApiError, invalidRequest } from '../../http/api-error.ts';
import { ServiceAddress } from '../../http/service-address.ts';
import { notStored } from '../../images/picture-problems.ts';
import type { KeptPicture } from '../../images/pictures.service.ts';
import { StoredImagesService } from '../../images/stored-images.service.ts';
import { IMAGE_STORE, type ImageStore } from '../../storage/image-store.ts';
import { StoredPicture } from './stored-picture.ts';

/** What of a file is looked at for its header. One that is longer, for its metadata, makes the whole picture be read. */
const HEADER_BYTES = 256 * 1024;

/** Pictures of this service that are given as its own URLs: the upstream cannot reach a laptop, and the record shows where they came from. */
@Injectable()
export class OwnPicturesService {
  readonly #address: ServiceAddress;
  readonly #images: StoredImagesService;
  readonly #store: ImageStore;

  constructor(address: ServiceAddress, images: StoredImagesService, @Inject(IMAGE_STORE) store: ImageStore) {
    this.#address = address;
    this.#images = images;
    this.#store = store;
  }

  /** The picture behind a URL, or null where that is none of this service. Throws the answer where it cannot be sent; `name` is how messages call it. */
  async find(url: string, name: string): Promise<StoredPicture | null> {
    const read = this.#address.readImageUrl(url);
    if (read === null) return null;
    if (!mayUse(url, read.valid))
      throw refused(name, 'has a signature that is not right: use the URL as it was given out');
    const kept = await this.#kept(read.imageId, name);
    const tooLarge = byteCountProblem(kept.bytes, name);
    if (tooLarge !== null) throw invalidRequest(tooLarge, name);
    const judged = await this.#judge(kept, name);
    if ('problem' in judged) throw invalidRequest(judged.problem, name);
    return new StoredPicture(this.#store, kept, { fromImage: read.imageId });
  }

  async #kept(imageId: string, name: string): Promise<KeptPicture> {
    const opened = await this.#images.open(imageId).catch((error: unknown) => {
      if (error instanceof ApiError && error.status === 410)
        throw refused(name, 'is lost: its bytes could not be kept');
      throw error;
    });
    if (opened === null) throw refused(name, 'does not exist here: it may have been deleted');
    if ('kept' in opened) return opened.kept;
    opened.passed.stream.destroy();
    throw notStored('pending');
  }

  async #judge({ sha256, bytes }: KeptPicture, name: string): Promise<ReturnType<typeof judgePictureBytes>> {
    const head = await this.#read(sha256, HEADER_BYTES, name);
    const judged = judgePictureBytes({ ...bytesSource(head), length: bytes }, name);
    if ('mimeType' in judged || bytes <= HEADER_BYTES) return judged;
    return judgePictureBytes(bytesSource(await this.#read(sha256, MAX_INPUT_IMAGE_BYTES, name)), name);
  }

  async #read(sha256: string, most: number, name: string): Promise<Uint8Array> {
    const stream = await this.#store.read(sha256, { start: 0, end: most - 1 });
    if (stream === null) throw refused(name, 'is lost: its file is gone from the store');
    return buffer(stream);
  }
}

/**
 * Whether a caller may use a picture by its URL. With a signature that has to be right; without one it is enough, for now, that the
 * service has a single project and the caller has its key.
 */
function mayUse(url: string, isSigned: boolean): boolean {
  const { searchParams } = new URL(url);
  return isSigned || (!searchParams.has('signature') && !searchParams.has('key'));
}

function refused(name: string, problem: string): ApiError {
  return invalidRequest(`${name} is a picture of this service that ${problem}.`, name);
}
