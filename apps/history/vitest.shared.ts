import { defineConfig, type ViteUserConfig } from 'vitest/config';

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
      testTimeout: 30_000,
      hookTimeout: 60_000,
      ...more,
    },
  });
}
