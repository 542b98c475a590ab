import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { chunkOf } from './pre-chunks.ts';
import { precompileTexts } from './precompile-texts.ts';
import { precompress } from './precompress.ts';

/** The history service that `pnpm dev` shows. */
const service = process.env['WAN_IMAGE_URL'] ?? 'http://localhost:3000';

/** What the service serves beside the page. */
const SERVED = ['/v1', '/images', '/docs', '/openapi.json'];

export default defineConfig({
  plugins: [react(), precompileTexts(), precompress()],
  // core's sources, so that a change of the contract shows at once.
  resolve: { conditions: ['@wan-image/source', 'module', 'browser', 'development|production'] },
  build: {
    target: 'es2023',
    // Every file is served by the service itself: the policy of the page allows nothing inline.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // One file for what every view needs, and one for the library, so that the first image waits for two files and not for forty.
    rolldownOptions: {
      output: { codeSplitting: { groups: [{ name: 'base', tags: ['$initial'], priority: 1 }, { name: chunkOf }] } },
    },
  },
  server: {
    proxy: Object.fromEntries(
      SERVED.map((path) => [
        path,
        {
          target: service,
          changeOrigin: true,
          // The service takes requests of its own page alone. This one is, in development.
          headers: { origin: new URL(service).origin, 'sec-fetch-site': 'same-origin' },
        },
      ]),
    ),
  },
});
