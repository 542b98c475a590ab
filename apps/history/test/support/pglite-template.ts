import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { volatileFolder } from '@wan-image/testing/folders';
import type { TestProject } from 'vitest/node';
import { createTables } from './empty-database.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The folder of a database with all tables and no rows; creating one takes seconds, copying it does not. */
    pgliteTemplate: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await volatileFolder('wan-image-pglite-');
  await createTables({ databaseUrl: null, dataDir: folder });
  project.provide('pgliteTemplate', join(folder, 'database'));
  return () => rm(folder, { recursive: true, force: true });
}
