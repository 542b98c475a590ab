import type { Base64Codec } from '../images/base64-codec.ts';
import { createPictureScanner, type PictureLayout, type PictureScanner, type Place } from './picture-scanner.ts';
import { createPictureTextReader } from './picture-text.ts';

export interface ReplyScannerOptions {
  readonly base64: Base64Codec;
  readonly decodeUtf8: (bytes: Uint8Array) => string;
  /** Largest picture, in decoded bytes. */
  readonly maxPictureBytes: number;
  /** Most bytes of JSON beside the pictures. */
  readonly maxJsonBytes: number;
}

/** Takes the pictures of a reply (`data[].b64_json`) out of its JSON, and leaves null in their place. */
export function createReplyScanner({
  base64,
  maxPictureBytes,
  decodeUtf8,
  maxJsonBytes,
}: ReplyScannerOptions): PictureScanner {
  const layout: PictureLayout = {
    isPicture: ({ open, outerKey, entryKey }) =>
      open.length === 3 &&
      open[0] === false &&
      open[1] === true &&
      open[2] === false &&
      outerKey === 'data' &&
      entryKey === 'b64_json',
    isEntry: isInData,
    standIn: () => 'null',
    createReader: (_header, emit) => createPictureTextReader(base64, maxPictureBytes, emit),
    skipsWhiteSpace: true,
  };
  return createPictureScanner({ layout, decodeUtf8, maxJsonBytes });
}

/** Inside the list under the key `data` of the outermost object. */
function isInData({ open, outerKey }: Place): boolean {
  return open.length === 2 && open[0] === false && open[1] === true && outerKey === 'data';
}
