import { historyTests, ONE_PROCESS, SLOW } from './vitest.shared.ts';

/** On a real PostgreSQL, which is started once for all files. */
export default historyTests('postgres', {
  ...ONE_PROCESS,
  globalSetup: ['test/support/postgres-server.ts'],
  exclude: ['test/**/*.pglite.test.ts', ...SLOW.postgres],
});
