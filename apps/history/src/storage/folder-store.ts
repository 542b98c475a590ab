import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm, utimes, type FileHandle } from 'node:fs/promises';
import { closeSync, createReadStream, openSync, readSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ByteSource } from '@wan-image/core';
import { checkRoom, checkWriting, isMissing, syncFolder } from './disk.ts';
import { READ_BYTES, type ImageStore, type StagedFile } from './image-store.ts';
import { pathOf, TEMPORARY } from './folder-layout.ts';
import { chunksOf } from './chunks.ts';

/**
 * Images in a folder, as `ab/cd/abcd…` by SHA-256. A file is written aside, synced and renamed,
 * so whoever sees the name sees the whole image, even after a crash.
 */
export async function openFolderStore(folder: string): Promise<ImageStore> {
  const temporary = join(folder, TEMPORARY);
  await mkdir(temporary, { recursive: true });
  return {
    staging: temporary,
    async stage(bytes) {
      const path = join(temporary, randomUUID());
      try {
        const written = await write(path, bytes);
        return {
          ...written,
          inspect: (look) => inspect(path, written.bytes, look),
          commit: () => commit(folder, path, pathOf(folder, written.sha256)),
          discard: () => rm(path, { force: true }),
        };
      } catch (error) {
        await rm(path, { force: true });
        throw error;
      }
    },
    adopt: (path, sha256) => settle(folder, path, pathOf(folder, sha256)),
    async renew(sha256) {
      const now = new Date();
      await utimes(pathOf(folder, sha256), now, now);
    },
    async read(sha256, range) {
      try {
        const file = await open(pathOf(folder, sha256), 'r');
        return createReadStream('', { ...range, fd: file, highWaterMark: READ_BYTES });
      } catch (error) {
        if (isMissing(error)) return null;
        throw error;
      }
    },
    chunks: (sha256, bytes) => chunksOf(pathOf(folder, sha256), bytes),
    check: () => checkWriting(temporary),
    checkRoom: () => checkRoom(temporary),
  };
}

type Written = Pick<StagedFile, 'sha256' | 'bytes'>;

async function write(path: string, bytes: AsyncIterable<Uint8Array>): Promise<Written> {
  const file = await open(path, 'wx');
  try {
    const written = await writeAll(file, bytes);
    await file.sync();
    return written;
  } finally {
    await file.close();
  }
}

async function writeAll(file: FileHandle, bytes: AsyncIterable<Uint8Array>): Promise<Written> {
  const hash = createHash('sha256');
  let length = 0;
  for await (const chunk of bytes) {
    length += chunk.length;
    hash.update(chunk);
    await file.writeFile(chunk);
  }
  return { sha256: hash.digest('hex'), bytes: length };
}

async function inspect<T>(path: string, length: number, look: (source: ByteSource) => T): Promise<T> {
  try {
    return looked(path, length, look);
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
}

/** A header takes a few reads of some bytes, so the file is read at once, not handed through a stream. */
function looked<T>(path: string, length: number, look: (source: ByteSource) => T): T {
  const file = openSync(path, 'r');
  try {
    return look({
      length,
      read(offset, count) {
        const bytes = new Uint8Array(Math.max(0, Math.min(count, length - offset)));
        return bytes.subarray(0, readSync(file, bytes, 0, bytes.length, offset));
      },
    });
  } finally {
    closeSync(file);
  }
}

async function commit(root: string, from: string, to: string): Promise<void> {
  try {
    await settle(root, from, to);
  } catch (error) {
    await rm(from, { force: true });
    throw error;
  }
}

/** Nearly always its folder is there. */
async function settle(root: string, from: string, to: string): Promise<void> {
  const folder = dirname(to);
  try {
    await rename(from, to);
    await syncFolder(folder);
  } catch (error) {
    if (!isMissing(error)) throw error;
    const created = await mkdir(folder, { recursive: true });
    await rename(from, to);
    // A folder that is new has to be synced in its own as well.
    const parents = created === undefined ? [] : [dirname(folder), ...(created === folder ? [] : [root])];
    await Promise.all([folder, ...parents].map(syncFolder));
  }
}
