import type { StagedFile } from '../storage/staged-file.ts';
import { TYPE_BYTES } from './unrecognized-bytes.ts';

/** The bytes are a text: most likely a page of the host, which is in trouble and says so with status 200. */
export class TextPageError extends Error {
  override readonly name = 'TextPageError';
}

/** Tab, line feed, form feed, carriage return, and the escape of ISO-2022. */
const CONTROLS_OF_TEXT: ReadonlySet<number> = new Set([0x09, 0x0a, 0x0c, 0x0d, 0x1b]);

const UTF16_MARKS: ReadonlySet<string> = new Set(['fffe', 'feff']);

/**
 * Whether a file that is no image is a text, in any encoding: no format of images but SVG does without control characters. By its bytes,
 * because hosts that are in trouble label their pages as they label their images.
 */
export async function isTextPage(file: Pick<StagedFile, 'head'>): Promise<boolean> {
  const head = Buffer.from(await file.head(TYPE_BYTES));
  if (UTF16_MARKS.has(head.toString('hex', 0, 2))) return true;
  const isText = head.every((byte) => (byte >= 0x20 && byte !== 0x7f) || CONTROLS_OF_TEXT.has(byte));
  return isText && !head.toString('latin1').includes('<svg');
}
