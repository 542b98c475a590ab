import { portableBase64 } from './base64-codec.ts';
import type { ByteSource } from './byte-source.ts';

/** Characters that are checked at a time. */
const STEP = 1024 * 1024;

/**
 * Whether `text` is base64 by RFC 4648, section 4: the standard alphabet, padded to a multiple of four, and nothing else.
 * `Buffer.from(text, 'base64')` ignores invalid characters, so it cannot decide this. In steps, because 28 million characters take longer
 * than a program should be held.
 *
 * It searches for invalid characters instead of matching the whole text: a greedy match over 28 million characters overflows the
 * backtracking stack of V8's regular expressions.
 */
export function* base64Steps(text: string): Generator<undefined, boolean> {
  if (text.length === 0 || text.length % 4 !== 0) return false;
  const end = text.length - paddingOf(text);
  for (let from = 0; from < end; from += STEP) {
    if (from > 0) yield;
    if (/[^A-Za-z0-9+/]/.test(text.slice(from, Math.min(from + STEP, end)))) return false;
  }
  return true;
}

/** {@link base64Steps} in one go. */
export function isBase64(text: string): boolean {
  return finish(base64Steps(text));
}

export function finish<T>(steps: Generator<undefined, T>): T {
  let step = steps.next();
  while (!step.done) step = steps.next();
  return step.value;
}

function paddingOf(text: string): number {
  return text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
}

/** Number of bytes that valid base64 decodes to. */
export function base64ByteLength(text: string): number {
  return (text.length / 4) * 3 - paddingOf(text);
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
  // Not `from` with the characters of the text, which takes fifty times as long.
  const characters = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) characters[i] = text.charCodeAt(i);
  const bytes = new Uint8Array((text.length / 4) * 3);
  return bytes.subarray(0, Math.max(0, portableBase64.decode(characters, bytes)));
}
