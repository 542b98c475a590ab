import { createRequire } from 'node:module';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: {
    conditions: ['@wan-image/source'],
    // What n8n itself loads: the package's ES modules are for bundlers alone.
    alias: { 'n8n-workflow': createRequire(import.meta.url).resolve('n8n-workflow') },
  },
  ssr: { resolve: { conditions: ['@wan-image/source'] } },
  test: {
    name: 'n8n node',
    include: ['test/**/*.test.mts'],
    testTimeout: 180_000,
    hookTimeout: 240_000,
    expect: { poll: { timeout: 30_000 } },
  },
});
