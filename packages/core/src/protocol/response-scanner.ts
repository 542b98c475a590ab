import type { Base64Codec } from '../images/base64-codec.ts';
import { createImageScanner, type ImageLayout, type ImageScanner, type Place } from './image-scanner.ts';
import { createImageTextReader } from './image-text.ts';

export interface ResponseScannerOptions {
  readonly base64: Base64Codec;
  readonly decodeUtf8: (bytes: Uint8Array) => string;
  /** Largest image, in decoded bytes. */
  readonly maxImageBytes: number;
  /** Most bytes of JSON beside the images. */
  readonly maxJsonBytes: number;
}

/** Takes the images of a reply (`data[].b64_json`) out of its JSON, and leaves null in their place. */
export function createResponseScanner({
  base64,
  maxImageBytes,
  decodeUtf8,
  maxJsonBytes,
}: ResponseScannerOptions): ImageScanner {
  const layout: ImageLayout = {
    isImage: ({ open, outerKey, entryKey }) =>
      open.length === 3 &&
      open[0] === false &&
      open[1] === true &&
      open[2] === false &&
      outerKey === 'data' &&
      entryKey === 'b64_json',
    isEntry: isInData,
    standIn: () => 'null',
    createReader: (_header, emit) => createImageTextReader(base64, maxImageBytes, emit),
    skipsWhiteSpace: true,
  };
  return createImageScanner({ layout, decodeUtf8, maxJsonBytes });
}

/** Inside the list under the key `data` of the outermost object. */
function isInData({ open, outerKey }: Place): boolean {
  return open.length === 2 && open[0] === false && open[1] === true && outerKey === 'data';
}
