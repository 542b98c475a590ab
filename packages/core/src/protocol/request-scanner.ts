import { createBase64Decoder } from '../images/base64-decoder.ts';
import type { Base64Codec } from '../images/base64-codec.ts';
import { isDataUri, readDataUri } from '../images/data-uri.ts';
import { createDataUriHeaderReader } from './data-uri-header.ts';
import { createImageScanner, type ImageScanner } from './image-scanner.ts';
import type { ImageTextReader } from './image-text.ts';
import { isPath } from './json-position.ts';

export interface RequestScannerOptions {
  readonly base64: Base64Codec;
  readonly decodeUtf8: (bytes: Uint8Array) => string;
  /** Largest JSON without the images, in bytes. */
  readonly maxJsonBytes: number;
  /** The JSON that replaces the image with this index, in ASCII. It must be unguessable: a client must not be able to write it itself. */
  readonly placeholder: (index: number) => string;
}

const IMAGE = ['image'];
const IMAGE_IN_LIST = [...IMAGE, null];

/** Parameters that are texts, whatever they begin with. */
const TEXTS: ReadonlySet<string> = new Set(['prompt', 'user', 'metadata']);

/**
 * Extracts the data URIs of a request from its JSON: those in `image` (a string or a list of strings), and those in base64 under any other
 * name, so that an error can name the parameter, however large the image in it is. Other strings stay in the JSON. The base64 is read as
 * the contract defines it, without white space and padded, and may have any length.
 */
export function createRequestScanner({
  base64,
  placeholder,
  decodeUtf8,
  maxJsonBytes,
}: RequestScannerOptions): ImageScanner {
  return createImageScanner({
    rules: {
      isImage: ([name]) => typeof name === 'string' && !TEXTS.has(name),
      isEntry: () => false,
      // Only the name of the parameter decides.
      maxDepth: 1,
      placeholder,
      createHeaderReader: (path) =>
        createDataUriHeaderReader(
          decodeUtf8,
          isPath(path, IMAGE) || isPath(path, IMAGE_IN_LIST) ? isDataUri : isBase64Uri,
        ),
      createReader: (_header, emit) => createStrictReader(base64, emit),
      skipsWhiteSpace: false,
    },
    decodeUtf8,
    maxJsonBytes,
  });
}

function isBase64Uri(header: string): boolean {
  return readDataUri(header) !== null;
}

function createStrictReader(base64: Base64Codec, emit: (bytes: Uint8Array) => void): ImageTextReader {
  let isInvalid = false;
  let received = 0;
  const decoder = createBase64Decoder(base64, (bytes) => {
    received += bytes.length;
    if (!isInvalid) emit(bytes);
  });
  return {
    // After an invalid character the scanner reads each character itself: the JSON may be malformed as well.
    push: (text) => (isInvalid ? 0 : decoder.push(text)),
    invalidate: () => (isInvalid = true),
    end() {
      const isComplete = decoder.end();
      if (isInvalid || !isComplete) return 'not_base64';
      return received === 0 ? 'empty' : 'complete';
    },
  };
}
