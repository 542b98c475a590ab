import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: { conditions: ['@wan-image/source'] },
  ssr: { resolve: { conditions: ['@wan-image/source'] } },
  test: {
    name: 'simulator',
    include: ['src/**/*.test.ts'],
    testTimeout: 180_000,
    hookTimeout: 240_000,
    expect: { poll: { timeout: 30_000 } },
  },
});
