import {
  byteCountProblem,
  InputPicture,
  MAX_INPUT_IMAGE_BYTES,
  MIME_TYPES,
  readImageInfo,
  RefusedPicture,
  type ByteSource,
} from '@wan-image/core';
import { invalidRequest } from '../../http/api-error.ts';
import type { ImageStore, StagedFile } from '../../storage/image-store.ts';
import { StoredPicture } from './stored-picture.ts';

/** What a picture turned out to be: the type that the upstream is told, or what is wrong with it. */
export type Judged = { readonly mimeType: string } | { readonly problem: string };

/** What messages call a picture of which nobody knows yet where in the list it stands. */
export const UNNAMED = '\u0000';

/** Far beyond what the contract allows; so many files are opened for no request. */
const MOST_PICTURES = 100;

/** The pictures of one request, as they come in. */
export class IncomingPictures {
  readonly #store: ImageStore;
  readonly #staged = new Map<unknown, StagedFile>();
  #taken = 0;

  constructor(store: ImageStore) {
    this.#store = store;
  }

  /**
   * Takes the bytes to disk and judges them there. Of a picture that is too large not more than allowed is kept, but all of it is read:
   * the message tells how large it is.
   */
  async take(
    bytes: AsyncIterable<Uint8Array>,
    judge: (source: ByteSource) => Judged,
  ): Promise<StoredPicture | RefusedPicture> {
    this.#taken++;
    if (this.#taken > MOST_PICTURES) throw tooMany();
    const counted = countedUpTo(bytes, MAX_INPUT_IMAGE_BYTES);
    const staged = await this.#store.stage(counted.bytes);
    const { judged, info } = await staged.inspect((source) => ({ judged: judge(source), info: readImageInfo(source) }));
    const tooLarge = byteCountProblem(counted.length(), UNNAMED);
    if (tooLarge === null && 'mimeType' in judged && info !== null) {
      const { width, height, format } = info;
      const kept = { sha256: staged.sha256, bytes: staged.bytes, width, height, mimeType: MIME_TYPES[format] };
      const picture = new StoredPicture(this.#store, kept, { mimeType: judged.mimeType });
      this.#staged.set(picture, staged);
      return picture;
    }
    await staged.discard();
    return refused(tooLarge !== null ? tooLarge : 'problem' in judged ? judged.problem : '');
  }

  /** Puts those among `used` into the store, and lets go of the others. */
  async commit(used: readonly (string | InputPicture)[]): Promise<void> {
    for (const picture of new Set(used)) {
      const staged = this.#staged.get(picture);
      this.#staged.delete(picture);
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

/** `problem` calls the picture {@link UNNAMED}. */
export function refused(problem: string): RefusedPicture {
  return new RefusedPicture((name) => problem.replaceAll(UNNAMED, name));
}

function tooMany(): Error {
  return invalidRequest(
    `image must be at most 9 pictures, and more than ${MOST_PICTURES} came: send fewer with a request.`,
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
