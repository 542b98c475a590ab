import { isDataUri } from '../images/data-uri.ts';
import { JsonEscapes } from './json-escapes.ts';
import { parseJson } from './parse-json.ts';
import type { ImageHeader, ImageHeaderReader } from './image-scanner.ts';

const QUOTE = 0x22;
const COMMA = 0x2c;

/** In characters: longer than any header that is right. */
const LONGEST_HEADER = 512;

/** Reads a text to the comma that ends the header of a data URI, or to where it is clear that there is none. */
export function createDataUriHeaderReader(decodeUtf8: (bytes: Uint8Array) => string): ImageHeaderReader {
  const escapes = new JsonEscapes();
  const read: number[] = [];
  let result: ImageHeader | null = null;
  const end = (): void => {
    const written = Uint8Array.from(read);
    const text = parseJson(`"${decodeUtf8(written)}"`);
    result =
      typeof text === 'string' && isDataUri(text)
        ? { isImage: true, text, written }
        : { isImage: false, text: '', written };
  };
  return {
    get result() {
      return result;
    },
    push(chunk, from) {
      for (let i = from; i < chunk.length; i++) {
        const code = chunk[i] ?? 0;
        const atQuote = code === QUOTE && !escapes.isOpen;
        if (!atQuote) read.push(code);
        const meant = atQuote ? null : escapes.read(code);
        if (atQuote || meant === COMMA || (read.length >= LONGEST_HEADER && !escapes.isOpen)) {
          end();
          return atQuote ? i : i + 1;
        }
      }
      return chunk.length;
    },
  };
}
