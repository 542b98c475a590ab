import { hasText, uint16BigEndian } from './byte-source.ts';
import { readOrientation } from './exif.ts';
import { MAX_SEGMENTS, type HeaderBytes, type HeaderSteps } from './header-bytes.ts';
import type { ImageHeader } from './image-header.ts';

/** Codes within the range of frame headers that are not frame headers: Huffman tables, extensions, arithmetic coding. */
const NOT_A_FRAME = new Set([0xc4, 0xc8, 0xcc]);

const END_OF_IMAGE = 0xd9;
const START_OF_SCAN = 0xda;
const APP1 = 0xe1;

/** Follows the segments to the first scan: the frame header (SOF0-SOF15) has the size, and EXIF may stand on either side of it. */
export function* readJpeg(bytes: HeaderBytes): HeaderSteps<ImageHeader | null> {
  let size: Pick<ImageHeader, 'width' | 'height'> | null = null;
  let orientation: number | null = null;
  let hasExif = false;
  let offset = 2;
  for (let segments = 0; segments < MAX_SEGMENTS; segments++) {
    offset = yield* codeAfter(bytes, offset);
    const segment = yield* bytes.read(offset, 9);
    const code = segment[0] ?? END_OF_IMAGE;
    const length = Math.max(2, uint16BigEndian(segment, 1));
    if (code === END_OF_IMAGE || code === START_OF_SCAN) break;
    if (code >= 0xc0 && code <= 0xcf && !NOT_A_FRAME.has(code) && segment.length >= 8) {
      size ??= { width: uint16BigEndian(segment, 6), height: uint16BigEndian(segment, 4) };
    } else if (code === APP1 && !hasExif && hasText(segment, 3, 'Exif\0\0')) {
      hasExif = true;
      orientation = yield* readOrientation(bytes, offset + 9, length - 8);
    }
    // 01 and D0 to D8 stand alone.
    offset += code === 0x01 || (code >= 0xd0 && code <= 0xd8) ? 1 : 1 + length;
  }
  return size && { ...size, hasAlpha: false, orientation };
}

/**
 * The position of the code of the next marker: a byte other than 00 and FF that follows an FF. What stands before it is skipped, as every
 * decoder does: fill bytes FF, of which there may be any number, and stray bytes between two segments.
 */
function* codeAfter(bytes: HeaderBytes, from: number): HeaderSteps<number> {
  let isAfterFF = false;
  for (let offset = from; ;) {
    const block = yield* bytes.block(offset);
    if (block.length === 0) return Number.POSITIVE_INFINITY;
    for (const byte of block) {
      if (isAfterFF && byte !== 0 && byte !== 0xff) return offset;
      isAfterFF = byte === 0xff;
      offset++;
    }
  }
}
