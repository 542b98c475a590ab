import { uint16BigEndian, type ByteSource } from './byte-source.ts';
import type { ImageHeader } from './image-header.ts';

/** Markers in the range of the frame headers that are not frames: Huffman tables, extensions, arithmetic coding. */
const NOT_A_FRAME = new Set([0xc4, 0xc8, 0xcc]);

/** Encoders write none or a few; a file of nothing else would be read byte by byte. */
const MAX_FILL_BYTES = 256;

/** Walks the segments to the frame header (SOF0-SOF15). EXIF and colour profiles before it may be large; only their lengths are read. */
export function readJpeg(source: ByteSource): ImageHeader | null {
  let offset = 2;
  let fillBytes = 0;
  while (offset + 9 <= source.length) {
    const segment = source.read(offset, 9);
    if (segment[0] !== 0xff) return null;
    const marker = segment[1] ?? 0;
    // Any number of fill bytes 0xFF may stand before a marker.
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
