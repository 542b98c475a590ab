import { createBase64Decoder } from '../images/base64-decoder.ts';
import type { Base64Codec } from '../images/base64-codec.ts';

/** The state of the base64 text of one image after its end. */
export type ImageText = 'complete' | 'empty' | 'not_base64' | 'too_large';

export interface ImageTextReader {
  /** Reads text and returns how many characters of it were valid: an escape or white space is not. */
  push(text: Uint8Array): number;
  /** Marks the text as `not_base64`, whatever follows. */
  invalidate(): void;
  end(): ImageText;
}

/** Some hosts write `data:image/png;base64,` before the base64. */
const PREFIX = 'data:';
const COMPLETE_PREFIX = /^data:[^;,\s]*(?:;[^;,\s]+)*;base64,$/i;
const MAX_PREFIX_LENGTH = 128;
const COMMA = 0x2c;
const SPACE = 0x20;
const BACKSLASH = 0x5c;

/** Reads the text of an image: base64, with or without a `data:` prefix, of at most `maxBytes` decoded bytes. */
export function createImageTextReader(
  codec: Base64Codec,
  maxBytes: number,
  emit: (bytes: Uint8Array) => void,
): ImageTextReader {
  let received = 0;
  let problem: 'not_base64' | 'too_large' | null = null;
  /** The text so far, while it may still turn out to be a prefix; null once that is decided. */
  let prefix: string | null = '';
  const decoder = createBase64Decoder(codec, (bytes) => {
    received += bytes.length;
    if (received > maxBytes) problem ??= 'too_large';
    if (problem === null) emit(bytes);
  });

  /** Reads one character at a time until it is clear whether there is a prefix, and where it ends. */
  function pushPrefix(text: Uint8Array): number {
    for (let i = 0; i < text.length && prefix !== null; i++) {
      const code = text[i] ?? 0;
      if (code <= SPACE || code === BACKSLASH) return i;
      const candidate: string = prefix + String.fromCharCode(code);
      const isPrefix = candidate.slice(0, PREFIX.length).toLowerCase() === PREFIX.slice(0, candidate.length);
      if (!isPrefix) {
        const held = prefix;
        prefix = null;
        decoder.push(Uint8Array.from(held, (character) => character.charCodeAt(0)));
        return i;
      }
      prefix = candidate;
      if (code === COMMA || candidate.length > MAX_PREFIX_LENGTH) {
        if (!COMPLETE_PREFIX.test(candidate)) problem ??= 'not_base64';
        prefix = null;
        return i + 1;
      }
    }
    return text.length;
  }

  return {
    push(text) {
      // After a problem the scanner reads each character itself: the JSON may be malformed as well.
      if (problem !== null) return 0;
      const from = prefix === null ? 0 : pushPrefix(text);
      return from < text.length ? from + decoder.push(text.subarray(from)) : from;
    },
    invalidate() {
      problem ??= 'not_base64';
    },
    end() {
      // A text that is shorter than a prefix is still held back.
      const held = Uint8Array.from(prefix ?? '', (character) => character.charCodeAt(0));
      if (decoder.push(held) < held.length) problem ??= 'not_base64';
      const isComplete = decoder.end();
      if (problem !== null) return problem;
      if (!isComplete) return 'not_base64';
      return received === 0 ? 'empty' : 'complete';
    },
  };
}
