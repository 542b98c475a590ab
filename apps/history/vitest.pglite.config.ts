import { historyTests, ONE_PROCESS, SLOW } from './vitest.shared.ts';

/**
 * On PGlite: what its single connection, its folder and its restarts could break; the rest stands on the same SQL, and is tested on
 * PostgreSQL, which starts ten times faster. And what needs no database at all, once. `pnpm e2e:slow` runs what takes long.
 */
export default historyTests('pglite', {
  ...ONE_PROCESS,
  globalSetup: ['test/support/pglite-template.ts'],
  exclude: [...SLOW.pglite],
  include: ['test/{history,group-commit,library,search}.test.ts', 'test/**/*.pglite.test.ts', 'src/**/*.test.ts'],
});
