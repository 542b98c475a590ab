import { uint16BigEndian, type ByteSource } from './byte-source.ts';
import type { ImageHeader } from './image-header.ts';

/** Markers within the range of frame headers that are not frame headers: Huffman tables, extensions, arithmetic coding. */
const NOT_A_FRAME = new Set([0xc4, 0xc8, 0xcc]);

/** Encoders write few or none. Without a limit, a file of fill bytes would be read byte by byte. */
const MAX_FILL_BYTES = 256;

/** Follows the segments to the frame header (SOF0-SOF15). Only the lengths of EXIF and colour profiles before it are read. */
export function readJpeg(source: ByteSource): ImageHeader | null {
  let offset = 2;
  let fillBytes = 0;
  while (offset + 9 <= source.length) {
    const segment = source.read(offset, 9);
    if (segment[0] !== 0xff) return null;
    const marker = segment[1] ?? 0;
    // A marker may be preceded by any number of fill bytes 0xFF.
    if (marker === 0xff) {
      if (++fillBytes > MAX_FILL_BYTES) return null;
      offset += 1;
    } else if (marker >= 0xc0 && marker <= 0xcf && !NOT_A_FRAME.has(marker)) {
      return { width: uint16BigEndian(segment, 7), height: uint16BigEndian(segment, 5), hasAlpha: false };
    } else if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd9)) {
      offset += 2;
    } else {
      offset += 2 + uint16BigEndian(segment, 2);
    }
  }
  return null;
}
