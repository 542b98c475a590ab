import type { ByteSource } from './byte-source.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Value of each character code; 255 for those outside the alphabet. */
const VALUES = new Uint8Array(128).fill(255);
for (let value = 0; value < ALPHABET.length; value++) VALUES[ALPHABET.charCodeAt(value)] = value;

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

/** Decodes well-formed base64 (check it with {@link isBase64} first), or the part of it between two character positions that are multiples of four. */
export function decodeBase64(text: string, from = 0, to = text.length): Uint8Array {
  const bytes = new Uint8Array(((to - from) / 4) * 3);
  let at = 0;
  for (let i = from; i < to; i += 4) {
    const word =
      (valueAt(text, i) << 18) | (valueAt(text, i + 1) << 12) | (valueAt(text, i + 2) << 6) | valueAt(text, i + 3);
    bytes[at++] = word >> 16;
    bytes[at++] = word >> 8;
    bytes[at++] = word;
  }
  if (to === text.length) at -= text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  return bytes.subarray(0, at);
}

/** Padding counts as zero bits. */
function valueAt(text: string, index: number): number {
  const value = VALUES[text.charCodeAt(index)];
  return value === undefined || value === 255 ? 0 : value;
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
      const decoded = decodeBase64(text, firstWord * 4, Math.ceil(end / 3) * 4);
      return decoded.subarray(offset - firstWord * 3, end - firstWord * 3);
    },
  };
}
