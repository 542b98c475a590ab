import { defineConfig } from 'vitest/config';

/** Tests of history that take too long for `pnpm test`. */
export default defineConfig({
  test: {
    // Each project has its own; these are for what has none.
    testTimeout: 180_000,
    hookTimeout: 240_000,
    expect: { poll: { timeout: 30_000 } },
    projects: ['apps/history/vitest.slow-postgres.config.ts', 'apps/history/vitest.slow-pglite.config.ts'],
  },
});
