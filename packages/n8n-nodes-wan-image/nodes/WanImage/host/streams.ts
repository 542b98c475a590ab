import type { NodeStream } from './n8n-transport.ts';

interface StreamClass {
  from(chunks: AsyncIterable<Uint8Array>, options: { readonly objectMode: boolean }): NodeStream;
}

/**
 * Creates Node streams, the only input that n8n's binary data does not hold in memory as a whole. A node may not import `stream`,
 * so the class is taken from the first response of n8n's HTTP client.
 */
export class Streams {
  #class: StreamClass | null = null;

  readonly learn = (stream: NodeStream): void => {
    const { constructor } = stream;
    if (isStreamClass(constructor)) this.#class ??= constructor;
  };

  /** Null before the first response, and in a host whose responses are no Node streams. */
  from(chunks: AsyncIterable<Uint8Array>): NodeStream | null {
    return this.#class?.from(chunks, { objectMode: false }) ?? null;
  }
}

function isStreamClass(value: unknown): value is StreamClass {
  return typeof value === 'function' && 'from' in value && typeof value.from === 'function';
}
