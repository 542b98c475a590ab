import { defineConfig } from 'vitest/config';

/** The library at full size, and under SIGKILL: an hour, so CI does not run it. */
export default defineConfig({
  root: import.meta.dirname,
  test: {
    name: 'library',
    include: ['library/*.test.ts'],
    testTimeout: 1_800_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 30_000 } },
    fileParallelism: false,
  },
});
