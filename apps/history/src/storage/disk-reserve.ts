import { randomBytes } from 'node:crypto';
import { open, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { checkRoom, freeBytesOf, LEAST_FREE_BYTES } from './disk.ts';
import { isDiskFull } from './make-folders.ts';
import { writeAt } from './staged-file.ts';

const MEBIBYTE = 1024 * 1024;

/** A segment of the database's log has 16 MB, which are allocated at once; the rest is for rows, and images that arrive. */
export const RESERVE_BYTES = 48 * MEBIBYTE;

/** With less than this left, the next segment of the log may have no room. PGlite does not return from that, nor let anything else run. */
const NEED_BYTES = 24 * MEBIBYTE;

const CHUNK_BYTES = MEBIBYTE;

/** Room for one more image. */
const FILE_BYTES = 8 * MEBIBYTE;

/** The disk may be filled by something else between two writes of the database. */
export const RESERVE_INTERVAL_MS = 5_000;

/** Injection token: null for a database server, whose disk is not ours to keep free. */
export const DISK_RESERVE = Symbol('DISK_RESERVE');

/** The disk of the embedded database has no room to start. The message names the folder, the limit and the remedy. */
export class DiskFullError extends Error {}

/**
 * A file beside the embedded database that is removed when the disk runs full, by whatever: then the ends of the generations in flight,
 * which are paid for, can still be recorded. It is written again when there is room. New generations are refused long before, see
 * {@link checkRoom}.
 */
export class DiskReserve {
  readonly #folder: string;
  readonly #path: string;

  constructor(folder: string) {
    this.#folder = folder;
    this.#path = join(folder, 'reserve');
  }

  /** Throws if the disk counts as full, so that no generation may be started. */
  async checkRoom(): Promise<void> {
    await this.makeRoom();
    await checkRoom(this.#folder);
  }

  /** Removes the reserve if the database could otherwise run out of room. Call it before a write that must not fail. */
  async makeRoom(): Promise<void> {
    if ((await freeBytesOf(this.#folder)) < NEED_BYTES) await rm(this.#path, { force: true });
  }

  /**
   * Whether a file may be written to a folder: not if it is on the same disk, and there is so little room that the database needs it. An
   * image that is not written reaches its client from memory; a database without room ends everything.
   */
  async allowsFileIn(folder: string): Promise<boolean> {
    await this.makeRoom();
    // A folder that cannot be looked at says so when the file is written to it, and the file goes elsewhere.
    const [here, there] = await Promise.all([stat(this.#folder), stat(folder).catch(() => null)]);
    return here.dev !== there?.dev || (await freeBytesOf(this.#folder)) >= NEED_BYTES + FILE_BYTES;
  }

  /** Removes the reserve, or writes it again, as the room on the disk demands. Call it every {@link RESERVE_INTERVAL_MS}. */
  async maintain(): Promise<void> {
    await this.makeRoom();
    await this.restore();
  }

  /** Writes the reserve if it is missing or incomplete and there is room for it. */
  async restore(): Promise<void> {
    const present = (await stat(this.#path).catch(() => null))?.size ?? 0;
    if (present === RESERVE_BYTES) return;
    if ((await freeBytesOf(this.#folder)) + present < LEAST_FREE_BYTES + RESERVE_BYTES) return;
    try {
      await this.#write();
    } catch (error) {
      // Half a reserve takes room and guarantees none.
      await rm(this.#path, { force: true });
      if (!isDiskFull(error)) throw error;
    }
  }

  /**
   * Removes the reserve if it is needed to open the database, or to create it. Throws {@link DiskFullError} if that is not enough: PGlite
   * itself fails without a reason then, or does not return.
   */
  async makeRoomToStart(isNew: boolean): Promise<void> {
    await this.makeRoom();
    const free = await freeBytesOf(this.#folder);
    const needed = isNew ? LEAST_FREE_BYTES : NEED_BYTES;
    if (free >= needed) return;
    throw new DiskFullError(
      `The disk of DATA_DIR (${this.#folder}) has ${free} bytes free, and the embedded database needs at least ${needed} to start. Free some space there, set DATA_DIR to a folder on another disk, or use PostgreSQL (DATABASE_URL).`,
    );
  }

  /** Random bytes: file systems that compress, or keep zeros as holes, would reserve nothing else. Not synced: it need not survive. */
  async #write(): Promise<void> {
    const chunk = randomBytes(CHUNK_BYTES);
    const file = await open(this.#path, 'w');
    try {
      for (let at = 0; at < RESERVE_BYTES; at += CHUNK_BYTES) await writeAt(file, chunk, at);
    } finally {
      await file.close();
    }
  }
}
