import { isDataUri } from '../images/data-uri.ts';
import type { ImageTextHeader, ImageTextHeaderReader } from './extraction-rules.ts';
import { JsonEscapes } from './json-escapes.ts';
import { COMMA, QUOTE } from './json-position.ts';
import { parseJson } from './parse-json.ts';

/** What every header begins with, in any case. */
const SCHEME = 'data:';

/** In characters, longer than any valid header. */
const MAX_HEADER_LENGTH = 512;

/**
 * Reads a string up to the comma that ends the header of a data URI, or until it is clear that it has no such header: most strings differ
 * from the scheme in their first character. `isHeader` decides, and accepts nothing without the scheme.
 */
export function createDataUriHeaderReader(
  decodeUtf8: (bytes: Uint8Array) => string,
  isHeader: (text: string) => boolean = isDataUri,
): ImageTextHeaderReader {
  const escapes = new JsonEscapes();
  const read: number[] = [];
  /** How many characters were those of the scheme. */
  let matched = 0;
  let result: ImageTextHeader | null = null;
  const end = (): void => {
    const raw = Uint8Array.from(read);
    const text = parseJson(`"${decodeUtf8(raw)}"`);
    result =
      typeof text === 'string' && isHeader(text) ? { isImage: true, text, raw } : { isImage: false, text: '', raw };
  };
  return {
    get result() {
      return result;
    },
    push(chunk, from) {
      for (let i = from; i < chunk.length; i++) {
        const code = chunk[i] ?? 0;
        const isAtQuote = code === QUOTE && !escapes.isOpen;
        if (!isAtQuote) read.push(code);
        const character = isAtQuote ? null : escapes.read(code);
        if (character !== null && matched < SCHEME.length) {
          if (String.fromCharCode(character).toLowerCase() !== SCHEME[matched]) {
            result = { isImage: false, text: '', raw: Uint8Array.from(read) };
            return i + 1;
          }
          matched++;
        }
        if (isAtQuote || character === COMMA || (read.length >= MAX_HEADER_LENGTH && !escapes.isOpen)) {
          end();
          return isAtQuote ? i : i + 1;
        }
      }
      return chunk.length;
    },
  };
}
