import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { PGlite } from '@electric-sql/pglite';

declare module 'vitest' {
  interface ProvidedContext {
    /** An empty cluster; making one takes seconds, copying it does not. */
    pgliteTemplate: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'wan-image-pglite-'));
  await (await PGlite.create(folder)).close();
  project.provide('pgliteTemplate', folder);
  return () => rm(folder, { recursive: true, force: true });
}
