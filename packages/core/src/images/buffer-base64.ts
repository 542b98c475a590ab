import type { Base64Codec } from './base64-codec.ts';

/** What is used of Node's `Buffer`, which not every host has. */
export interface BufferLike {
  from(buffer: ArrayBufferLike, byteOffset: number, length: number): BufferView;
  allocUnsafeSlow(length: number): BufferView;
}

interface BufferView extends Uint8Array {
  toString(encoding?: 'base64' | 'latin1', start?: number, end?: number): string;
  write(text: string, offset: number, encoding: 'latin1'): number;
  write(text: string, encoding: 'base64'): number;
}

/** Bytes encoded at a time, a multiple of three: V8 pays several times as much for texts above 128 KiB. */
const STEP = 48 * 1024;

const PADDING = 0x3d;
const HYPHEN = 0x2d;
const UNDERSCORE = 0x5f;

/**
 * The base64 of Node's `Buffer`, several times as fast as one in JavaScript. Its decoder never complains: it skips what is not base64 and
 * takes the URL-safe alphabet too. Each character that it skips makes the result shorter, and the two others are looked for.
 */
export function bufferBase64(buffers: BufferLike): Base64Codec {
  const viewOf = (bytes: Uint8Array): BufferView => buffers.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return {
    allocate: (length) => buffers.allocUnsafeSlow(length),
    encode(bytes) {
      const input = viewOf(bytes);
      const text = buffers.allocUnsafeSlow(Math.ceil(bytes.length / 3) * 4);
      let at = 0;
      for (let from = 0; from < input.length; from += STEP) {
        at += text.write(input.toString('base64', from, from + STEP), at, 'latin1');
      }
      return text;
    },
    decode(text, output) {
      const input = viewOf(text);
      const padding = input.at(-1) !== PADDING ? 0 : input.at(-2) !== PADDING ? 1 : 2;
      const expected = (input.length / 4) * 3 - padding;
      const written = viewOf(output).write(input.toString('latin1'), 'base64');
      const isStrict = written === expected && !input.includes(HYPHEN) && !input.includes(UNDERSCORE);
      return isStrict ? written : -1;
    },
  };
}
