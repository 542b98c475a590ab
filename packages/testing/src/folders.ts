import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { disposable } from './resource.ts';

/** An empty folder that is removed with everything in it: `await using folder = await temporaryFolder()`. */
export async function temporaryFolder(): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'wan-image-test-'));
  return disposable({ path }, () => rm(path, { recursive: true, force: true }));
}
