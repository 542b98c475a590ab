import { historyTests, SLOW } from './vitest.shared.ts';

/** What `pnpm e2e:slow` runs on PostgreSQL. */
export default historyTests('postgres', {
  name: 'slow history on postgres',
  globalSetup: ['test/support/postgres-server.ts'],
  include: [...SLOW.postgres],
});
