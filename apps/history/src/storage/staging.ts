import { createHash } from 'node:crypto';
import { checkpoint } from '../telemetry/checkpoints.ts';
import {
  bytesAt,
  copyOf,
  createIn,
  drop,
  HEAD_BYTES,
  inMemory,
  StagedFile,
  writeAt,
  type Location,
} from './staged-file.ts';

/**
 * Writes bytes that can be downloaded again to a synced file in a folder. If the bytes end with an error or the disk fails, rejects and
 * leaves no file behind. If no file can be created, none of the bytes are requested, so no download is started in vain.
 */
export async function stage(bytes: AsyncIterable<Uint8Array>, folder: string): Promise<StagedFile> {
  const writer = new SpillWriter([folder], 'reject');
  await writer.open();
  return writeAll(bytes, writer);
}

/**
 * Writes bytes that cannot be downloaded again to a file in the first folder that accepts it. If one fails in the middle, its bytes are
 * copied to the next; if all fail, the rest goes to memory. Rejects only if the bytes end with an error, or a disk does not return what was
 * written to it, and then leaves no file behind.
 */
export async function spill(bytes: AsyncIterable<Uint8Array>, folders: readonly string[]): Promise<StagedFile> {
  return writeAll(bytes, new SpillWriter(folders, 'memory'), () => checkpoint('image arriving'));
}

async function writeAll(
  bytes: AsyncIterable<Uint8Array>,
  writer: SpillWriter,
  onWritten?: () => void,
): Promise<StagedFile> {
  try {
    for await (const chunk of bytes) {
      await writer.write(chunk);
      onWritten?.();
    }
    return await writer.end();
  } catch (error) {
    await writer.discard();
    throw error;
  }
}

/** Hashes and writes; falls back to the next folder when a disk fails, and finally to memory or to an error. */
class SpillWriter {
  readonly #hash = createHash('sha256');
  readonly #folders: string[];
  readonly #lastResort: 'memory' | 'reject';
  readonly #memory: Uint8Array[] = [];
  #head = new Uint8Array(0);
  #at: Location | null = null;
  #length = 0;

  constructor(folders: readonly string[], lastResort: 'memory' | 'reject') {
    this.#folders = [...folders];
    this.#lastResort = lastResort;
  }

  /** Creates the first file, which otherwise the first chunk does. */
  async open(): Promise<void> {
    this.#at ??= await this.#next(null, null);
  }

  async write(chunk: Uint8Array): Promise<void> {
    this.#hash.update(chunk);
    if (this.#length < HEAD_BYTES)
      this.#head = Buffer.concat([this.#head, chunk.subarray(0, HEAD_BYTES - this.#length)]);
    const length = this.#length;
    const at = await this.#onFirstThatWorks((location) => writeAt(location.file, chunk, length));
    // Copied: the source may reuse the memory of its chunk.
    if (at.file === null) this.#memory.push(chunk.slice());
    this.#length += chunk.length;
  }

  async end(): Promise<StagedFile> {
    const at = await this.#onFirstThatWorks((location) => location.file.sync());
    const final = at.file === null ? inMemory(Buffer.concat(this.#memory)) : at;
    return new StagedFile(this.#hash.digest('hex'), this.#length, final, this.#head);
  }

  async discard(): Promise<void> {
    if (this.#at !== null) await drop(this.#at);
  }

  /** Each location that is tried already has everything written before. Memory never fails. */
  async #onFirstThatWorks(work: (location: Extract<Location, { path: string }>) => Promise<void>): Promise<Location> {
    let at = (this.#at ??= await this.#next(null, null));
    while (at.file !== null) {
      try {
        await work(at);
        break;
      } catch (error) {
        at = this.#at = await this.#next(at, error);
      }
    }
    return at;
  }

  /** The next working location, with a copy of the bytes of the last one. */
  async #next(last: Location | null, error: unknown): Promise<Location> {
    let problem = error;
    for (let folder = this.#folders.shift(); folder !== undefined; folder = this.#folders.shift()) {
      try {
        const next = last === null ? await createIn(folder) : await copyOf(last, this.#length, folder);
        if (last !== null) await drop(last);
        return next;
      } catch (cause) {
        problem = cause;
      }
    }
    if (this.#lastResort === 'reject') throw problem;
    if (last !== null) {
      this.#memory.push(await bytesAt(last, 0, this.#length));
      await drop(last);
    }
    return inMemory(new Uint8Array());
  }
}
