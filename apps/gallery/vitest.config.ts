import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  plugins: [react()],
  resolve: { conditions: ['@wan-image/source', 'module', 'browser', 'development|production'] },
  test: {
    name: 'gallery',
    testTimeout: 180_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 30_000 } },
    environment: 'happy-dom',
    include: ['src/**/*.test.{ts,tsx}', 'test/**/*.test.{ts,tsx}'],
    setupFiles: ['./test/support/setup.ts'],
    css: { modules: { classNameStrategy: 'non-scoped' } },
  },
});
