import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      'packages/core',
      'packages/simulator',
      'packages/n8n-nodes-wan-image',
      'apps/gallery',
      'apps/history/vitest.pglite.config.ts',
      'apps/history/vitest.postgres.config.ts',
      'tools',
    ],
  },
});
