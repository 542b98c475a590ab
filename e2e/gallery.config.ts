import { defineConfig } from 'vitest/config';

/** The page in a real browser, against the built service with its simulator. */
export default defineConfig({
  root: import.meta.dirname,
  test: {
    name: 'gallery',
    include: ['gallery/*.test.ts'],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 30_000 } },
    fileParallelism: false,
  },
});
