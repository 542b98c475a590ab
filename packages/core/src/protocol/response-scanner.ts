import type { Base64Codec } from '../images/base64-codec.ts';
import { createImageScanner, type ImageScanner } from './image-scanner.ts';
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

/** Extracts the images of a response (`data[].b64_json`) from its JSON and replaces them with null. */
export function createResponseScanner({
  base64,
  maxImageBytes,
  decodeUtf8,
  maxJsonBytes,
}: ResponseScannerOptions): ImageScanner {
  return createImageScanner({
    rules: {
      isImage: (path) => isPath(path, IMAGE),
      isEntry: (path) => isPath(path, ENTRY),
      maxDepth: IMAGE.length,
      placeholder: () => 'null',
      createReader: (_header, emit) => createImageTextReader(base64, maxImageBytes, emit),
      skipsWhiteSpace: true,
    },
    decodeUtf8,
    maxJsonBytes,
  });
}
