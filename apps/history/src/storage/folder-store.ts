import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { createReadStream } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ImageStore, StagedFile } from './image-store.ts';

/** Headers end long before; only EXIF of a photo can push them back, by at most some hundred kilobytes. */
const HEAD_BYTES = 512 * 1024;

/** Older than any picture takes to arrive. */
const LEFTOVER_AGE_MS = 24 * 60 * 60 * 1000;

/** Folder for what is being written; on the same file system, so that a rename is atomic. */
const TEMPORARY = 'tmp';

/**
 * Pictures in a folder, as `ab/cd/abcd…` by SHA-256. A file is written aside, synced and renamed,
 * so whoever sees the name sees the whole picture, even after a crash.
 */
export async function openFolderStore(folder: string): Promise<ImageStore> {
  const temporary = join(folder, TEMPORARY);
  await mkdir(temporary, { recursive: true });
  await clearLeftovers(temporary);
  const pathOf = (sha256: string): string => join(folder, sha256.slice(0, 2), sha256.slice(2, 4), sha256);
  return {
    async stage(bytes) {
      const path = join(temporary, randomUUID());
      try {
        const written = await write(path, bytes);
        return {
          ...written,
          commit: () => settle(path, pathOf(written.sha256)),
          discard: () => rm(path, { force: true }),
        };
      } catch (error) {
        await rm(path, { force: true });
        throw error;
      }
    },
    async read(sha256, range) {
      const path = pathOf(sha256);
      const found = await stat(path).catch(() => null);
      return found ? createReadStream(path, range) : null;
    },
    async check() {
      const path = join(temporary, randomUUID());
      await write(path, probe());
      await rm(path, { force: true });
    },
  };
}

/** What a crash left half-written counts for nothing. Only old files: another replica on the same folder may be writing. */
async function clearLeftovers(temporary: string): Promise<void> {
  for (const name of await readdir(temporary)) {
    const path = join(temporary, name);
    const found = await stat(path).catch(() => null);
    if (found && Date.now() - found.mtimeMs > LEFTOVER_AGE_MS) await rm(path, { force: true });
  }
}

async function* probe(): AsyncIterable<Uint8Array> {
  yield new Uint8Array([1]);
}

async function write(
  path: string,
  bytes: AsyncIterable<Uint8Array>,
): Promise<Pick<StagedFile, 'sha256' | 'bytes' | 'head'>> {
  const file = await open(path, 'wx');
  try {
    const written = await writeAll(file, bytes);
    await file.sync();
    return written;
  } finally {
    await file.close();
  }
}

async function writeAll(
  file: FileHandle,
  bytes: AsyncIterable<Uint8Array>,
): Promise<Pick<StagedFile, 'sha256' | 'bytes' | 'head'>> {
  const hash = createHash('sha256');
  const head: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of bytes) {
    if (length < HEAD_BYTES) head.push(chunk.slice(0, HEAD_BYTES - length));
    length += chunk.length;
    hash.update(chunk);
    await file.writeFile(chunk);
  }
  return { sha256: hash.digest('hex'), bytes: length, head: Buffer.concat(head) };
}

async function settle(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await rename(from, to);
  // The name is durable only when its folder is synced too.
  await syncFolder(dirname(to));
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
