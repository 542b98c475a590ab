import { portableBase64 } from './base64-codec.ts';
import type { ByteSource } from './byte-source.ts';

/**
 * Whether `text` is base64 by RFC 4648, section 4: the standard alphabet, padded to a multiple of four, nothing else in it.
 * `Buffer.from(text, 'base64')` never complains, so it cannot be asked.
 *
 * Looks for the first wrong character instead of matching the whole: a greedy match over 28 million characters
 * overflows the backtracking stack of V8's regular expressions.
 */
export function isBase64(text: string): boolean {
  if (text.length === 0 || text.length % 4 !== 0) return false;
  const firstOther = text.search(/[^A-Za-z0-9+/]/);
  if (firstOther === -1) return true;
  const padding = text.slice(firstOther);
  return padding === '=' || padding === '==';
}

/** Number of bytes that well-formed base64 stands for. */
export function base64ByteLength(text: string): number {
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  return (text.length / 4) * 3 - padding;
}

/** Random access to the bytes of well-formed base64, decoding only what is read. */
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
