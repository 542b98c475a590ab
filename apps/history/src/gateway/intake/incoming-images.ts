import {
  byteCountProblem,
  InputImage,
  MAX_INPUT_IMAGE_BYTES,
  readImageInfo,
  RefusedImage,
  type ByteSource,
} from '@wan-image/core';
import { invalidRequest } from '../../domain/api-error.ts';
import { storedImage } from '../../images/image-files.service.ts';
import type { ImageStore } from '../../storage/image-store.ts';
import type { StagedFile } from '../../storage/staged-file.ts';
import { stage } from '../../storage/staging.ts';
import { readerOf, StoredInput } from './stored-input.ts';

/** The verdict on an image: the type that is declared to the upstream, or what is wrong with it. */
export type Judged = { readonly mimeType: string } | { readonly problem: string };

/** Stands in messages for the name of an image whose position in the list is not known yet. */
export const UNNAMED = '\u0000';

/** The most files that one request may create; the contract allows far fewer images. */
const MOST_IMAGES = 100;

/** The images of one request, staged as they arrive and stored when the request is accepted. */
export class IncomingImages {
  readonly #store: ImageStore;
  readonly #staged = new Map<unknown, StagedFile>();
  #imageCount = 0;

  constructor(store: ImageStore) {
    this.#store = store;
  }

  /**
   * Stages the bytes and judges them on disk. Of an image that is too large, no more than the limit is written, but all of it is read: the
   * message says how large it is.
   */
  async take(
    bytes: AsyncIterable<Uint8Array>,
    judge: (source: ByteSource) => Judged,
  ): Promise<StoredInput | RefusedImage> {
    this.#imageCount++;
    if (this.#imageCount > MOST_IMAGES) throw tooMany();
    const counted = countedUpTo(bytes, MAX_INPUT_IMAGE_BYTES);
    const file = await stage(counted.bytes, this.#store.staging);
    try {
      const image = this.#read(file, byteCountProblem(counted.length(), UNNAMED), judge);
      if (image instanceof RefusedImage) await file.discard();
      else this.#staged.set(image, file);
      // Until the last byte of the request: many uploads at once would hold many open files.
      await file.release();
      return image;
    } catch (error) {
      await file.discard();
      throw error;
    }
  }

  #read(file: StagedFile, tooLarge: string | null, judge: (source: ByteSource) => Judged): StoredInput | RefusedImage {
    const { judged, info } = file.inspect((source) => ({ judged: judge(source), info: readImageInfo(source) }));
    if (tooLarge === null && 'mimeType' in judged && info !== null)
      return new StoredInput(readerOf(this.#store), storedImage(file, info), { mimeType: judged.mimeType });
    return refused(tooLarge !== null ? tooLarge : 'problem' in judged ? judged.problem : '');
  }

  /** Stores the images in `used`, and discards the others. If one cannot be stored, it rejects and discards all that is still staged. */
  async commit(used: readonly (string | InputImage)[]): Promise<void> {
    try {
      for (const image of new Set(used)) {
        const file = this.#staged.get(image);
        if (file === undefined) continue;
        await this.#store.put(file);
        this.#staged.delete(image);
      }
    } finally {
      await this.discard();
    }
  }

  async discard(): Promise<void> {
    const staged = [...this.#staged.values()];
    this.#staged.clear();
    await Promise.all(staged.map((file) => file.discard()));
  }
}

/** `problem` names the image {@link UNNAMED}. */
export function refused(problem: string): RefusedImage {
  return new RefusedImage((name) => problem.replaceAll(UNNAMED, name));
}

function tooMany(): Error {
  return invalidRequest(
    `image must be at most 9 images, and more than ${MOST_IMAGES} were sent: send fewer in one request.`,
    'image',
  );
}

/** The bytes up to a limit, and how many there were in all. */
function countedUpTo(
  bytes: AsyncIterable<Uint8Array>,
  most: number,
): { readonly bytes: AsyncIterable<Uint8Array>; readonly length: () => number } {
  let length = 0;
  async function* counted(): AsyncIterable<Uint8Array> {
    for await (const chunk of bytes) {
      length += chunk.length;
      if (length <= most) yield chunk;
    }
  }
  return { bytes: counted(), length: () => length };
}
