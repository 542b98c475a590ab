import { historyTests, SLOW } from './vitest.shared.ts';

/** What `pnpm e2e:slow` runs on PGlite. */
export default historyTests('pglite', {
  name: 'slow history on pglite',
  globalSetup: ['test/support/pglite-template.ts'],
  include: [...SLOW.pglite],
});
