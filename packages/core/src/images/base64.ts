import { portableBase64 } from './base64-codec.ts';
import type { ByteSource } from './byte-source.ts';

/**
 * Whether `text` is base64 by RFC 4648, section 4: the standard alphabet, padded to a multiple of four, and nothing else.
 * `Buffer.from(text, 'base64')` ignores invalid characters, so it cannot decide this.
 *
 * It searches for the first invalid character instead of matching the whole text: a greedy match over 28 million characters overflows
 * the backtracking stack of V8's regular expressions.
 */
export function isBase64(text: string): boolean {
  if (text.length === 0 || text.length % 4 !== 0) return false;
  const firstOther = text.search(/[^A-Za-z0-9+/]/);
  if (firstOther === -1) return true;
  const padding = text.slice(firstOther);
  return padding === '=' || padding === '==';
}

/** Number of bytes that valid base64 decodes to. */
export function base64ByteLength(text: string): number {
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  return (text.length / 4) * 3 - padding;
}

/** Random access to the bytes of valid base64. Only the requested range is decoded. */
export function base64Source(text: string): ByteSource {
  const length = base64ByteLength(text);
  return {
    length,
    read(offset, count) {
      const end = Math.min(offset + count, length);
      if (end <= offset) return new Uint8Array(0);
      const firstWord = Math.floor(offset / 3);
      const decoded = decode(text.slice(firstWord * 4, Math.ceil(end / 3) * 4));
      return decoded.subarray(offset - firstWord * 3, end - firstWord * 3);
    },
  };
}

function decode(text: string): Uint8Array {
  const characters = Uint8Array.from(text, (character) => character.charCodeAt(0));
  const bytes = new Uint8Array((text.length / 4) * 3);
  return bytes.subarray(0, Math.max(0, portableBase64.decode(characters, bytes)));
}
