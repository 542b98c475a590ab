import { defineConfig } from 'vitest/config';

/** What takes five minutes of waiting and no work, so that it can run beside all else. */
export default defineConfig({
  root: import.meta.dirname,
  test: { name: 'patience', include: ['patience/*.test.ts'], testTimeout: 420_000 },
});
