import { int32LittleEndian, uint16LittleEndian, type ByteSource } from './byte-source.ts';
import type { ImageHeader } from './image-header.ts';

const OS2_HEADER_SIZE = 12;
/** Headers of at least this size (BITMAPV3INFOHEADER) have an alpha mask. */
const HEADER_SIZE_WITH_ALPHA_MASK = 56;

export function readBmp(source: ByteSource): ImageHeader | null {
  const header = source.read(14, HEADER_SIZE_WITH_ALPHA_MASK);
  if (header.length < OS2_HEADER_SIZE) return null;
  const headerSize = int32LittleEndian(header, 0);
  if (headerSize === OS2_HEADER_SIZE) {
    return { width: uint16LittleEndian(header, 4), height: uint16LittleEndian(header, 6), hasAlpha: false };
  }
  if (headerSize < 40 || header.length < 40) return null;
  const hasAlpha = headerSize >= HEADER_SIZE_WITH_ALPHA_MASK && int32LittleEndian(header, 52) !== 0;
  // A negative height means that rows are stored from top to bottom.
  return { width: int32LittleEndian(header, 4), height: Math.abs(int32LittleEndian(header, 8)), hasAlpha };
}
