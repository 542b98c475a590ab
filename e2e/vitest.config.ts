import { defineConfig } from 'vitest/config';

/** What is built, as processes and from outside. Slower than `pnpm test`, and one file at a time: two cores. */
export default defineConfig({
  root: import.meta.dirname,
  test: {
    name: 'e2e',
    include: ['*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 30_000 } },
    fileParallelism: false,
  },
});
