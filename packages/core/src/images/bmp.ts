import { int32LittleEndian, uint16LittleEndian, uint32LittleEndian } from './byte-source.ts';
import type { HeaderBytes, HeaderSteps } from './header-bytes.ts';
import type { ImageHeader } from './image-header.ts';

const OS2_HEADER_SIZE = 12;
/** BITMAPV3INFOHEADER, V4 and V5: with a mask for alpha. */
const SIZES_WITH_ALPHA_MASK = new Set([56, 108, 124]);

const BI_BITFIELDS = 3;
const BI_ALPHABITFIELDS = 6;

/**
 * Whether a header of this size exists: OS/2 1 (12 bytes), OS/2 2 (16 to 64, as many as the writer needed), Windows (40, 52, 56, 108, 124).
 * Text that begins with BM has none of them, because three bytes of each are zero.
 */
export function isBmpHeaderSize(size: number): boolean {
  return size === OS2_HEADER_SIZE || (size >= 16 && size <= 64 && size % 2 === 0) || size === 108 || size === 124;
}

export function* readBmp(bytes: HeaderBytes): HeaderSteps<ImageHeader | null> {
  const header = yield* bytes.read(14, 56);
  const size = uint32LittleEndian(header, 0);
  if (header.length < Math.min(size, 40)) return null;
  const sides =
    size === OS2_HEADER_SIZE
      ? { width: uint16LittleEndian(header, 4), height: uint16LittleEndian(header, 6) }
      : // A negative height means that rows are stored from top to bottom.
        { width: int32LittleEndian(header, 4), height: Math.abs(int32LittleEndian(header, 8)) };
  return { ...sides, hasAlpha: hasAlphaMask(header, size), orientation: null };
}

/** The masks count only where the pixels are packed by masks, which those of 16 and 32 bits may be. */
function hasAlphaMask(header: Uint8Array, size: number): boolean {
  const depth = uint16LittleEndian(header, 14);
  const compression = size < 40 ? 0 : uint32LittleEndian(header, 16);
  const isPacked =
    (compression === BI_BITFIELDS && SIZES_WITH_ALPHA_MASK.has(size)) ||
    // The masks are in the header, or follow the shortest one.
    (compression === BI_ALPHABITFIELDS && (size === 40 || SIZES_WITH_ALPHA_MASK.has(size)));
  return isPacked && (depth === 16 || depth === 32) && uint32LittleEndian(header, 52) !== 0;
}
