import { defineConfig } from 'vitest/config';

/** Tests of the builds, as processes and from outside. One file at a time, because each starts several processes. */
export default defineConfig({
  root: import.meta.dirname,
  test: {
    name: 'e2e',
    include: ['*.test.ts'],
    // Only to end a test that hangs: on a machine that is busy with something else a start of the service can take half a minute.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 30_000 } },
    fileParallelism: false,
  },
});
