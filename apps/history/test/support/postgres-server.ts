import { createDatabase, startPostgres } from '@wan-image/testing/postgres';
import type { TestProject } from 'vitest/node';
import { createTables } from './empty-database.ts';

declare module 'vitest' {
  interface ProvidedContext {
    postgresUrl: string;
    /** The name of a database with all tables and no rows, to which nothing is connected. */
    postgresTemplate: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startPostgres();
  const template = await createDatabase(server.url);
  await createTables({ databaseUrl: template.url, dataDir: '' });
  project.provide('postgresUrl', server.url);
  project.provide('postgresTemplate', new URL(template.url).pathname.slice(1));
  return async () => server[Symbol.asyncDispose]();
}
