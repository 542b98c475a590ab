import { execFile } from 'node:child_process';
import { mkdtemp, open, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { disposable } from '@wan-image/testing/resource';

const run = promisify(execFile);
const CHUNK_BYTES = 1024 * 1024;

/** A disk of 300 MB in memory, mounted at a temporary folder. */
export interface SmallDisk {
  readonly path: string;
  /** False if this user may not mount a disk: then the test has to be skipped. */
  readonly isMounted: boolean;
  freeBytes(): Promise<number>;
  /** Something else writes a file: all of what is free now, but for so many bytes. */
  fill(leaving: number): Promise<void>;
  /** It removes that file. */
  empty(): Promise<void>;
}

export async function mountSmallDisk(): Promise<SmallDisk & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'wan-image-small-disk-'));
  const isMounted = await run('mount', ['-t', 'tmpfs', '-o', 'size=300m', 'tmpfs', path]).then(
    () => true,
    () => false,
  );
  const filler = join(path, 'of-others');
  const freeBytes = async (): Promise<number> => {
    const { bavail, bsize } = await statfs(path);
    return bavail * bsize;
  };
  const disk: SmallDisk = {
    path,
    isMounted,
    freeBytes,
    async fill(leaving) {
      const file = await open(filler, 'a');
      try {
        for (let remaining = (await freeBytes()) - leaving; remaining > 0; remaining -= CHUNK_BYTES)
          await file.write(Buffer.alloc(Math.min(CHUNK_BYTES, remaining), 1));
      } finally {
        await file.close();
      }
    },
    empty: () => rm(filler),
  };
  return disposable(disk, async () => {
    if (isMounted) await run('umount', ['-l', path]);
    await rm(path, { recursive: true, force: true });
  });
}
