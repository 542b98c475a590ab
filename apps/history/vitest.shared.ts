import { defineConfig, type ViteUserConfig } from 'vitest/config';

/**
 * Files that take long by their nature: they wait for leases, clocks and databases that are away, move gigabytes, or start the embedded
 * database many times. `pnpm e2e:slow` runs them, so that `pnpm test` stays short.
 */
export const SLOW = {
  postgres: [
    'test/{background-jobs,budget,clocks,database-down,frozen-replica,webhooks}.postgres.test.ts',
    'test/{large-exports,library-machine}.test.ts',
  ],
  pglite: [
    'test/{idempotency,restart,deferred,fixtures,filters,rerun,reindex,late-indexes,cursor-walk,library-machine,spool,webhooks,free-space}.test.ts',
    'test/{full-disk,retention-machine}.pglite.test.ts',
  ],
} as const;

/**
 * Each file would load NestJS and TypeORM again: a third of the time of all tests. Not for those that set the clock far ahead: the generator
 * of UUIDs stays there.
 */
export const ONE_PROCESS = { isolate: false } as const;

/** The same suite, on one of the two databases. */
export function historyTests(database: 'pglite' | 'postgres', more: ViteUserConfig['test'] = {}): ViteUserConfig {
  return defineConfig({
    root: import.meta.dirname,
    resolve: { conditions: ['@wan-image/source'] },
    ssr: { resolve: { conditions: ['@wan-image/source'] } },
    test: {
      name: `history on ${database}`,
      include: ['test/**/*.test.ts'],
      env: { TEST_DATABASE: database },
      // A machine may be busy with something else: no duration is asserted, and a hang still fails.
      testTimeout: 180_000,
      // Tests that run side by side within a file mostly wait.
      maxConcurrency: 20,
      hookTimeout: 240_000,
      expect: { poll: { timeout: 30_000 } },
      ...more,
    },
  });
}
