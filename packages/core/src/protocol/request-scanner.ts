import { createBase64Decoder } from '../images/base64-decoder.ts';
import type { Base64Codec } from '../images/base64-codec.ts';
import { createDataUriHeaderReader } from './data-uri-header.ts';
import { createImageScanner, type ImageScanner } from './image-scanner.ts';
import type { ImageTextReader } from './image-text.ts';

export interface RequestScannerOptions {
  readonly base64: Base64Codec;
  readonly decodeUtf8: (bytes: Uint8Array) => string;
  /** Most bytes of JSON beside the images. */
  readonly maxJsonBytes: number;
  /** The JSON that stands in place of an image, in ASCII; by what a caller cannot have written it is known again. */
  readonly standIn: (index: number) => string;
}

/**
 * Takes the data URIs of a request (`image`, a text or a list of texts) out of its JSON. What is no data URI stays in it. The base64 is
 * taken as the contract takes it: without white space, padded, and of any length.
 */
export function createRequestScanner({
  base64,
  standIn,
  decodeUtf8,
  maxJsonBytes,
}: RequestScannerOptions): ImageScanner {
  const layout = {
    isImage: ({ open, outerKey }: { readonly open: readonly boolean[]; readonly outerKey: string }) =>
      open[0] === false && outerKey === 'image' && (open.length === 1 || (open.length === 2 && open[1] === true)),
    isEntry: () => false,
    standIn,
    createHeaderReader: () => createDataUriHeaderReader(decodeUtf8),
    createReader: (_header: string, emit: (bytes: Uint8Array) => void) => createStrictReader(base64, emit),
    skipsWhiteSpace: false,
  };
  return createImageScanner({ layout, decodeUtf8, maxJsonBytes });
}

function createStrictReader(base64: Base64Codec, emit: (bytes: Uint8Array) => void): ImageTextReader {
  let wrong = false;
  let received = 0;
  const decoder = createBase64Decoder(base64, (bytes) => {
    received += bytes.length;
    if (!wrong) emit(bytes);
  });
  return {
    // All of what comes after a mistake is to be looked at one by one: the JSON around it may be wrong as well.
    push: (text) => (wrong ? 0 : decoder.push(text)),
    spoil: () => (wrong = true),
    end() {
      const whole = decoder.end();
      if (wrong || !whole) return 'not_base64';
      return received === 0 ? 'empty' : 'complete';
    },
  };
}
