import { extname } from 'node:path';
import { Piscina } from 'piscina';
import type { ImageSpec } from '../images/image-spec.ts';

/** Worker threads that draw, so that the server goes on answering meanwhile. */
export interface Renderer {
  render(spec: ImageSpec): Promise<Buffer>;
  close(): Promise<void>;
}

/** Threads start with the first image and end after a while without any. */
const IDLE_TIMEOUT_MS = 30_000;

export function createRenderer(): Renderer {
  // From source the worker is TypeScript too; Node strips the types.
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
