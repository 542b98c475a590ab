import { createBase64Decoder } from '../images/base64-decoder.ts';
import type { Base64Codec } from '../images/base64-codec.ts';

/** What became of the base64 text of one image. */
export type ImageText = 'complete' | 'empty' | 'not_base64' | 'too_large';

export interface ImageTextReader {
  /** Takes text, and tells how much of it had its place: an escape or white space has none. */
  push(text: Uint8Array): number;
  /** What comes after this cannot mend it. */
  spoil(): void;
  end(): ImageText;
}

/** Some hosts write `data:image/png;base64,` before the base64. */
const PREFIX = 'data:';
const WHOLE_PREFIX = /^data:[^;,\s]*(?:;[^;,\s]+)*;base64,$/i;
const LONGEST_PREFIX = 128;
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
  let wrong: 'not_base64' | 'too_large' | null = null;
  /** What may yet turn out to be a prefix; null once that is settled. */
  let prefix: string | null = '';
  const decoder = createBase64Decoder(codec, (bytes) => {
    received += bytes.length;
    if (received > maxBytes) wrong ??= 'too_large';
    if (wrong === null) emit(bytes);
  });

  /** One character at a time until it is clear whether there is a prefix, and where it ends. */
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
      if (code === COMMA || candidate.length > LONGEST_PREFIX) {
        if (!WHOLE_PREFIX.test(candidate)) wrong ??= 'not_base64';
        prefix = null;
        return i + 1;
      }
    }
    return text.length;
  }

  return {
    push(text) {
      // All of what comes now is to be looked at one by one: the JSON around it may be wrong as well.
      if (wrong !== null) return 0;
      const from = prefix === null ? 0 : pushPrefix(text);
      return from < text.length ? from + decoder.push(text.subarray(from)) : from;
    },
    spoil() {
      wrong ??= 'not_base64';
    },
    end() {
      // Text so short that it could still have become a prefix.
      const held = Uint8Array.from(prefix ?? '', (character) => character.charCodeAt(0));
      if (decoder.push(held) < held.length) wrong ??= 'not_base64';
      const whole = decoder.end();
      if (wrong !== null) return wrong;
      if (!whole) return 'not_base64';
      return received === 0 ? 'empty' : 'complete';
    },
  };
}
