import {
  byteCountProblem,
  InputImage,
  MAX_INPUT_IMAGE_BYTES,
  MIME_TYPES,
  readImageInfo,
  RefusedImage,
  type ByteSource,
} from '@wan-image/core';
import { invalidRequest } from '../../domain/api-error.ts';
import type { ImageStore, StagedFile } from '../../storage/image-store.ts';
import { StoredInput } from './stored-input.ts';

/** What an image turned out to be: the type that the upstream is told, or what is wrong with it. */
export type Judged = { readonly mimeType: string } | { readonly problem: string };

/** What messages call an image of which nobody knows yet where in the list it stands. */
export const UNNAMED = '\u0000';

/** Far beyond what the contract allows; so many files are opened for no request. */
const MOST_IMAGES = 100;

/** The images of one request, as they come in. */
export class IncomingImages {
  readonly #store: ImageStore;
  readonly #staged = new Map<unknown, StagedFile>();
  #taken = 0;

  constructor(store: ImageStore) {
    this.#store = store;
  }

  /**
   * Takes the bytes to disk and judges them there. Of an image that is too large not more than allowed is kept, but all of it is read:
   * the message tells how large it is.
   */
  async take(
    bytes: AsyncIterable<Uint8Array>,
    judge: (source: ByteSource) => Judged,
  ): Promise<StoredInput | RefusedImage> {
    this.#taken++;
    if (this.#taken > MOST_IMAGES) throw tooMany();
    const counted = countedUpTo(bytes, MAX_INPUT_IMAGE_BYTES);
    const staged = await this.#store.stage(counted.bytes);
    const { judged, info } = await staged.inspect((source) => ({ judged: judge(source), info: readImageInfo(source) }));
    const tooLarge = byteCountProblem(counted.length(), UNNAMED);
    if (tooLarge === null && 'mimeType' in judged && info !== null) {
      const { width, height, format } = info;
      const kept = { sha256: staged.sha256, bytes: staged.bytes, width, height, mimeType: MIME_TYPES[format] };
      const image = new StoredInput(this.#store, kept, { mimeType: judged.mimeType });
      this.#staged.set(image, staged);
      return image;
    }
    await staged.discard();
    return refused(tooLarge !== null ? tooLarge : 'problem' in judged ? judged.problem : '');
  }

  /** Puts those among `used` into the store, and lets go of the others. */
  async commit(used: readonly (string | InputImage)[]): Promise<void> {
    for (const image of new Set(used)) {
      const staged = this.#staged.get(image);
      this.#staged.delete(image);
      await staged?.commit();
    }
    await this.discard();
  }

  async discard(): Promise<void> {
    const staged = [...this.#staged.values()];
    this.#staged.clear();
    await Promise.all(staged.map((file) => file.discard()));
  }
}

/** `problem` calls the image {@link UNNAMED}. */
export function refused(problem: string): RefusedImage {
  return new RefusedImage((name) => problem.replaceAll(UNNAMED, name));
}

function tooMany(): Error {
  return invalidRequest(
    `image must be at most 9 images, and more than ${MOST_IMAGES} came: send fewer with a request.`,
    'image',
  );
}

/** The bytes up to a number, and how many there were of them in all. */
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
