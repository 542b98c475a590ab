import type { Readable } from 'node:stream';
import type { StagedFile } from './staged-file.ts';

/** Bytes of a file, counted from 0; both ends are inclusive. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** A file that is open for reading. Call one of the methods, once: it closes the file when it ends, breaks or is abandoned. */
export interface OpenFile {
  /** For HTTP: flows at the speed of its reader. A file that is shorter than the range ends early. */
  stream(): Readable;
  /**
   * Exactly `bytes` bytes, in chunks that share one buffer: each chunk is valid until the next is requested. Base64 of many images at once
   * would otherwise leave as much garbage as it reads. Rejects where the file is shorter.
   */
  chunks(bytes: number): AsyncGenerator<Uint8Array, void, void>;
}

/** What decides that a file may be removed. */
export interface RemovalGuard {
  /** Removes only what was last put or touched before this time of the store's clock, in milliseconds since 1970. */
  readonly before: number;
  /** Which of these files must stay. Called after `before` was checked, when putting or touching a file no longer saves what is judged. */
  readonly wanted: (sha256s: readonly string[]) => Promise<ReadonlySet<string>>;
}

/**
 * Image files named by the SHA-256 of their content, in lowercase hex. Several processes may use one store at the same time.
 *
 * Every method rejects where the store cannot be reached; "not found" is a value. What a store has to keep is proven by
 * `image-store-contract.ts`, which every implementation runs.
 */
export interface ImageStore extends StoreState {
  /** Local folder where files for this store are staged best: a store on a disk renames them from here instead of copying. */
  readonly staging: string;
  /**
   * Stores a staged file under its hash and takes it over. When it resolves, the file survives a power cut; until then readers see nothing
   * or the whole file. The file counts as new, even if the same bytes were stored before: its row is still to come. Rejects with the
   * staged file untouched.
   */
  put(file: StagedFile): Promise<void>;
  /** Opens a file, or a range of it. Null if there is none. */
  open(sha256: string, range?: ByteRange): Promise<OpenFile | null>;
  has(sha256: string): Promise<boolean>;
  /** The hashes in a shard, in batches of at most {@link LIST_BATCH}. What is put or removed meanwhile may be listed or not. */
  list(shard: string): AsyncIterable<readonly string[]>;
  /**
   * Removes those files that the guard lets go, and returns how many. Safe beside `put` and `touch` of the same hash in any process: a file
   * that is put again stays, and a wanted one counts as new. Call it with an empty list, too: it then only completes what a process that
   * died had begun, for all shards.
   */
  remove(sha256s: readonly string[], guard: RemovalGuard): Promise<number>;
  /** Makes a file count as new, for a row that is still to come. False if there is none. */
  touch(sha256: string): Promise<boolean>;
}

/** What the garbage collection and the health checks need to know of a store as a whole. */
interface StoreState {
  /** The store's own clock, in milliseconds since 1970: ages are measured by it, because it may run on another machine. */
  now(): Promise<number>;
  /** The id of the database that the store belongs to; null if nobody has claimed it. */
  owner(): Promise<string | null>;
  /** Records the owner durably, unless there is one. */
  claim(owner: string): Promise<void>;
  /** Throws if nothing can be written. Writes a probe. */
  check(): Promise<void>;
  /** The same, as far as it can be said without writing: cheap enough to be called before each generation. */
  checkRoom(): Promise<void>;
}

/** Parts of a store that are listed separately: the first two digits of the hashes in them. */
export const SHARDS: readonly string[] = Array.from({ length: 256 }, (_, index) => index.toString(16).padStart(2, '0'));

/** The most hashes that `list` yields at a time. */
export const LIST_BATCH = 1000;

/** How much is read at a time: a multiple of three, so that a chunk is whole base64. */
export const READ_BYTES = 48 * 1024;

/** Injection token: interfaces do not exist at run time. */
export const IMAGE_STORE = Symbol('IMAGE_STORE');
