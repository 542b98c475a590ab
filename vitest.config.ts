import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      'packages/core',
      'packages/simulator',
      'apps/history/vitest.pglite.config.ts',
      'apps/history/vitest.postgres.config.ts',
      'tools',
    ],
  },
});
