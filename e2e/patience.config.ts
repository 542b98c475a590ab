import { defineConfig } from 'vitest/config';

/** Tests that wait for five minutes without work, so that they can run beside everything else. */
export default defineConfig({
  root: import.meta.dirname,
  test: {
    name: 'patience',
    include: ['patience/*.test.ts'],
    testTimeout: 600_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 30_000 } },
  },
});
