import type { ImageInfo } from '@wan-image/core';
import { LRUCache } from 'lru-cache';
import type { StagedFile } from '../storage/staged-file.ts';
import { isComplete } from './file-end.ts';

/** As often as the same bytes have to come before they count as what the upstream has. */
const FETCHES = 3;

/** Attempts of all processes after which the bytes are kept, whatever they are: hours before the upstream's URL expires. */
const MOST_ATTEMPTS = 20;

const MOST_IMAGES = 1000;

/** For the record of an image that the upstream has only in part. */
export const CUT_OFF = 'The file ends before its end: the upstream sent no more, however often it was asked.';

/** The bytes are an image whose end is missing: the download was cut off. Another attempt may return all of it. */
class CutOffError extends Error {
  override readonly name = 'CutOffError';
}

/**
 * The downloads whose end was missing. A connection without a length that is cut ends like a whole one, so the image is fetched again; a
 * file that is always the same is all there is, and is kept as it is. So is what comes in the end of a file that is cut off elsewhere each time.
 */
export class CutOffImages {
  readonly #seen = new LRUCache<string, { readonly sha256: string; readonly times: number }>({ max: MOST_IMAGES });

  /** Whether the last download of an image was cut off, as far as this process knows. */
  has(imageId: string): boolean {
    return this.#seen.has(imageId);
  }

  /** `attempts` were made so far, by all processes. Resolves with whether the file is cut off and kept nevertheless. Throws a `CutOffError` where it should be fetched again. */
  async judge(imageId: string, file: StagedFile, info: ImageInfo, attempts = 0): Promise<boolean> {
    if (await isComplete(file, info)) {
      this.#seen.delete(imageId);
      return false;
    }
    const seen = this.#seen.get(imageId);
    const times = seen?.sha256 === file.sha256 ? seen.times + 1 : 1;
    this.#seen.set(imageId, { sha256: file.sha256, times });
    if (times >= FETCHES || attempts >= MOST_ATTEMPTS) return true;
    throw new CutOffError(`The image ends after ${file.bytes} bytes, before its end`);
  }
}
