import { defineConfig } from 'vitest/config';

/** The node in the real n8n: its engine in this process, its server as another. Installs n8n on first use, which takes minutes. */
export default defineConfig({
  root: import.meta.dirname,
  test: {
    name: 'n8n',
    include: ['n8n/**/*.test.ts'],
    testTimeout: 180_000,
    hookTimeout: 660_000,
    expect: { poll: { timeout: 30_000 } },
    // Each file would load n8n anew, for 2.5 s.
    isolate: false,
    fileParallelism: false,
    maxWorkers: 1,
  },
});
