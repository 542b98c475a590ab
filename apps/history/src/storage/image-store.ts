import type { Readable } from 'node:stream';
import type { StagedFile } from './staged-file.ts';

/** Bytes of a file, counted from 0; both ends are inclusive. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** A file that is open for reading. Call one of the methods, once: it closes the file when it ends, fails or is abandoned. */
export interface OpenFile {
  /** For HTTP: flows at the speed of its reader. If the file is shorter than the range, the stream ends early. */
  stream(): Readable;
  /**
   * Exactly `bytes` bytes, in chunks that share one buffer: each chunk is valid until the next is requested. Base64 of many images at once
   * would otherwise produce as much garbage as it reads. Rejects if the file is shorter.
   */
  chunks(bytes: number): AsyncGenerator<Uint8Array, void, void>;
}

/** Decides which files may be removed. */
export interface RemovalGuard {
  /** Removes only files that were last put or touched before this time of the store's clock, in milliseconds since 1970. */
  readonly before: number;
  /** Which of these files must stay. Called after `before` was checked, when a put or touch no longer affects the files being checked. */
  readonly wanted: (sha256s: readonly string[]) => Promise<ReadonlySet<string>>;
}

/**
 * Image files named by the SHA-256 of their content, in lowercase hex. Several processes may use one store at the same time.
 *
 * Every method rejects if the store is unavailable; "not found" is a value. `image-store-contract.ts` tests what a store must guarantee;
 * every implementation runs it.
 */
export interface ImageStore extends StoreState {
  /** The best local folder for staging files: a store on a disk renames them from here instead of copying. */
  readonly staging: string;
  /**
   * Stores a staged file under its hash and takes ownership of it. When it resolves, the file survives a power cut; until then readers see
   * nothing or the whole file. The file counts as new, even if the same bytes were stored before, because its row is yet to be written. On
   * rejection the staged file is untouched.
   */
  put(file: StagedFile): Promise<void>;
  /** Opens a file, or a range of it. Null if there is none. */
  open(sha256: string, range?: ByteRange): Promise<OpenFile | null>;
  has(sha256: string): Promise<boolean>;
  /** The hashes in a shard, in batches of at most {@link LIST_BATCH}. Files that are put or removed meanwhile may be listed or not. */
  list(shard: string): AsyncIterable<readonly string[]>;
  /**
   * Removes the files that the guard allows, and returns how many. Safe to run concurrently with `put` and `touch` of the same hash in any
   * process: a file that is put again stays, and a wanted one counts as new. Call it with an empty list, too: it then only completes the
   * removals that a dead process began, for all shards.
   */
  remove(sha256s: readonly string[], guard: RemovalGuard): Promise<number>;
  /** Makes a file count as new, because its row is yet to be written. False if there is none. */
  touch(sha256: string): Promise<boolean>;
}

/** The state of a store that the garbage collection and the health checks use. */
interface StoreState {
  /** The store's own clock, in milliseconds since 1970: ages are measured by it, because the store may be on another machine. */
  now(): Promise<number>;
  /** The id of the database that the store belongs to; null if it has no owner. */
  owner(): Promise<string | null>;
  /** Records the owner durably, unless there is one. */
  claim(owner: string): Promise<void>;
  /** Throws if nothing can be written. Writes a probe. */
  check(): Promise<void>;
  /** Like `check`, as far as possible without writing: cheap enough to be called before each generation. */
  checkRoom(): Promise<void>;
}

/** Partitions of a store that are listed separately: the first two digits of their hashes. */
export const SHARDS: readonly string[] = Array.from({ length: 256 }, (_, index) => index.toString(16).padStart(2, '0'));

/** The maximum number of hashes that `list` yields at a time. */
export const LIST_BATCH = 1000;

/** How much is read at a time: a multiple of three, so that the base64 of a chunk needs no padding. */
export const READ_BYTES = 48 * 1024;

/** Injection token: interfaces do not exist at runtime. */
export const IMAGE_STORE = Symbol('IMAGE_STORE');
