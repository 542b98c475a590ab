import type { Readable } from 'node:stream';
import type { ByteSource } from '@wan-image/core';

/** Bytes that are kept but do not count yet: commit makes them durable, discard forgets them. */
export interface StagedFile {
  /** Hex. */
  readonly sha256: string;
  readonly bytes: number;
  /** Looks into the bytes, at any place; where that fails, nothing is left. */
  inspect<T>(look: (source: ByteSource) => T): Promise<T>;
  /** Makes it durable under its hash; where that fails, nothing is left. */
  commit(): Promise<void>;
  discard(): Promise<void>;
}

/** The store of images: files named by their content, so the same image is kept once. */
export interface ImageStore {
  /** Takes the bytes in; rejects where they cannot be kept, leaving nothing behind. */
  stage(bytes: AsyncIterable<Uint8Array>): Promise<StagedFile>;
  /** The file, or the part from `start` to `end`, both inclusive. Null where there is none; rejects where that cannot be told. */
  read(sha256: string, range?: { readonly start: number; readonly end: number }): Promise<Readable | null>;
  /**
   * The file, which has so many bytes, for whoever is done with each piece when asking for the next, which comes in the same memory.
   * Rejects where there is none.
   */
  chunks(sha256: string, bytes: number): AsyncIterable<Uint8Array>;
  /** Folder for files on their way in, on the same file system. */
  readonly staging: string;
  /**
   * Takes over a synced file from the staging folder, durably under its hash. Where that fails, the file is left. The file counts as new
   * also where the same bytes were there: the sweep leaves what is new, and its row is still to come.
   */
  adopt(path: string, sha256: string): Promise<void>;
  /** Makes a file count as new, for a row that is still to come. Rejects where there is none. */
  renew(sha256: string): Promise<void>;
  /** Throws where nothing can be written. */
  check(): Promise<void>;
  /** The same as far as it can be told without writing. */
  checkRoom(): Promise<void>;
}

/** How much is read at a time: a multiple of three, so that it is whole base64; many are read at once. */
export const READ_BYTES = 48 * 1024;

/** For injection: the port has no class. */
export const IMAGE_STORE = Symbol('IMAGE_STORE');
