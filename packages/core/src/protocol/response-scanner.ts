import type { Base64Codec } from '../images/base64-codec.ts';
import type { ImageTextHeader, ImageTextHeaderReader } from './extraction-rules.ts';
import { asciiOf, createImageScanner, type ImageScanner } from './image-scanner.ts';
import { createImageTextReader } from './image-text.ts';
import { isPath } from './json-position.ts';

export interface ResponseScannerOptions {
  readonly base64: Base64Codec;
  readonly decodeUtf8: (bytes: Uint8Array) => string;
  /** Largest image, in decoded bytes. */
  readonly maxImageBytes: number;
  /** Largest JSON without the images, in bytes. */
  readonly maxJsonBytes: number;
}

const ENTRY = ['data', null];
const IMAGE = [...ENTRY, 'b64_json'];
const URL = [...ENTRY, 'url'];

/**
 * Extracts the images of a response from its JSON and replaces them with null: `data[].b64_json`, and `data[].url` where it is a data URI.
 */
export function createResponseScanner({
  base64,
  maxImageBytes,
  decodeUtf8,
  maxJsonBytes,
}: ResponseScannerOptions): ImageScanner {
  return createImageScanner({
    rules: {
      isImage: (path) => isPath(path, IMAGE) || isPath(path, URL),
      isEntry: (path) => isPath(path, ENTRY),
      maxDepth: IMAGE.length,
      placeholder: () => 'null',
      createHeaderReader: (path) => (isPath(path, URL) ? createSchemeReader() : null),
      createReader(header, emit) {
        const reader = createImageTextReader(base64, maxImageBytes, emit);
        reader.push(asciiOf(header));
        return reader;
      },
      skipsWhiteSpace: true,
    },
    decodeUtf8,
    maxJsonBytes,
  });
}

const SCHEME = 'data:';

/** Reads the scheme of a URL. Smaller than the reader of requests: no host writes the scheme with JSON escapes. */
function createSchemeReader(): ImageTextHeaderReader {
  let text = '';
  let result: ImageTextHeader | null = null;
  return {
    get result() {
      return result;
    },
    push(chunk, from) {
      let i = from;
      while (i < chunk.length && result === null) {
        const character = String.fromCharCode(chunk[i] ?? 0);
        if (character.toLowerCase() !== SCHEME[text.length]) result = { isImage: false, text, raw: asciiOf(text) };
        else {
          i++;
          text += character;
          if (text.length === SCHEME.length) result = { isImage: true, text, raw: asciiOf(text) };
        }
      }
      return i;
    },
  };
}
