import { extname } from 'node:path';
import { Piscina } from 'piscina';
import type { ImageSpec } from '../images/image-spec.ts';

/** Renders in worker threads, so that the server keeps responding. */
export interface Renderer {
  render(spec: ImageSpec): Promise<Buffer>;
  close(): Promise<void>;
}

/** Threads start with the first image and end when they are idle. */
const IDLE_TIMEOUT_MS = 30_000;

export function createRenderer(): Renderer {
  // When run from source, the worker is TypeScript, whose types Node strips.
  const filename = new URL(`./render-worker${extname(import.meta.url)}`, import.meta.url).href;
  const pool = new Piscina<ImageSpec, Uint8Array>({
    filename,
    minThreads: 0,
    maxThreads: 2,
    idleTimeout: IDLE_TIMEOUT_MS,
  });
  return {
    async render(spec) {
      const png = await pool.run(spec);
      return Buffer.from(png.buffer, png.byteOffset, png.byteLength);
    },
    close: () => pool.destroy(),
  };
}
