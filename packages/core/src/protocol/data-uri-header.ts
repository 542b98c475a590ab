import { isDataUri } from '../images/data-uri.ts';
import type { ImageTextHeader, ImageTextHeaderReader } from './extraction-rules.ts';
import { JsonEscapes } from './json-escapes.ts';
import { COMMA, QUOTE } from './json-position.ts';
import { parseJson } from './parse-json.ts';

/** In characters, longer than any valid header. */
const MAX_HEADER_LENGTH = 512;

/** Reads a string up to the comma that ends the header of a data URI, or until it is clear that it has no such header. `isHeader` decides. */
export function createDataUriHeaderReader(
  decodeUtf8: (bytes: Uint8Array) => string,
  isHeader: (text: string) => boolean = isDataUri,
): ImageTextHeaderReader {
  const escapes = new JsonEscapes();
  const read: number[] = [];
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
        if (isAtQuote || character === COMMA || (read.length >= MAX_HEADER_LENGTH && !escapes.isOpen)) {
          end();
          return isAtQuote ? i : i + 1;
        }
      }
      return chunk.length;
    },
  };
}
