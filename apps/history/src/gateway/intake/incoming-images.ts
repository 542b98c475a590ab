import {
  byteCountProblem,
  InputImage,
  inspectedImageProblem,
  inspectImage,
  MAX_INPUT_IMAGE_BYTES,
  RefusedImage,
} from '@wan-image/core';
import { invalidRequest } from '../../domain/api-error.ts';
import { storedImage } from '../../images/image-files.service.ts';
import type { ImageStore } from '../../storage/image-store.ts';
import type { StagedFile } from '../../storage/staged-file.ts';
import { stage } from '../../storage/staging.ts';
import { readerOf, StoredInput } from './stored-input.ts';

/** Placeholder in messages for the name of an image whose position in the list is not known yet. */
export const UNNAMED = '\u0000';

/** The maximum number of files that one request may create; the contract allows far fewer images. */
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
   * Stages the bytes and checks them on disk. An image that is too large is read completely, because the message states its size, but no
   * more than the limit is written. `declaredType` is the MIME type of a data URI, which is declared to the upstream too; bytes alone have
   * none, and get the type that they are.
   */
  async take(bytes: AsyncIterable<Uint8Array>, declaredType?: string): Promise<StoredInput | RefusedImage> {
    this.#imageCount++;
    if (this.#imageCount > MOST_IMAGES) throw tooMany();
    const counted = countedUpTo(bytes, MAX_INPUT_IMAGE_BYTES);
    const file = await stage(counted.bytes, this.#store.staging);
    try {
      const image = await this.#read(file, byteCountProblem(counted.length(), UNNAMED), declaredType);
      if (image instanceof RefusedImage) await file.discard();
      else this.#staged.set(image, file);
      // Closes the file until the whole request is read: many concurrent uploads would hold many open files.
      await file.release();
      return image;
    } catch (error) {
      await file.discard();
      throw error;
    }
  }

  async #read(file: StagedFile, tooLarge: string | null, declaredType?: string): Promise<StoredInput | RefusedImage> {
    if (tooLarge !== null) return refused(tooLarge);
    const found = await inspectImage(file);
    const problem = inspectedImageProblem(found, UNNAMED, declaredType);
    if (problem !== null || found.info === null) return refused(problem ?? '');
    const provenance = declaredType === undefined ? {} : { mimeType: declaredType };
    return new StoredInput(readerOf(this.#store), storedImage(file, found.info), provenance);
  }

  /** Stores the images in `used` and discards the others. If one cannot be stored, rejects and discards all files still staged. */
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

/** `problem` has {@link UNNAMED} in place of the image's name. */
export function refused(problem: string): RefusedImage {
  return new RefusedImage((name) => problem.replaceAll(UNNAMED, name));
}

function tooMany(): Error {
  return invalidRequest(
    `image must be at most 9 images, and more than ${MOST_IMAGES} were sent: send fewer in one request.`,
    'image',
  );
}

/** The bytes up to a limit, and the total number of bytes. */
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
