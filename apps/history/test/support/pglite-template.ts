import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { pino } from 'pino';
import { openServiceDatabase } from '../../src/boot/open-database.ts';
import { sqlOf } from '../../src/database/sql.ts';
import { JobQueue } from '../../src/jobs/job-queue.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** A database with all tables and no rows; creating one takes seconds, copying it does not. */
    pgliteTemplate: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'wan-image-pglite-'));
  const database = await openServiceDatabase({ databaseUrl: null, dataDir: folder });
  const jobs = new JobQueue(sqlOf(database.dataSource), pino({ level: 'silent' }));
  await jobs.start();
  await jobs.stop();
  await database.close();
  project.provide('pgliteTemplate', join(folder, 'database'));
  return () => rm(folder, { recursive: true, force: true });
}
