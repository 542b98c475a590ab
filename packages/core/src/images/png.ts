import { hasText, uint32BigEndian } from './byte-source.ts';
import { readOrientation } from './exif.ts';
import { MAX_SEGMENTS, type HeaderBytes, type HeaderSteps } from './header-bytes.ts';
import type { ImageHeader } from './image-header.ts';

const SIGNATURE_LENGTH = 8;
const HEADER_LENGTH = 25;
/** Length, type and checksum around the data of each chunk. */
const CHUNK_OVERHEAD = 12;
const ALPHA_COLOUR_TYPES = new Set([4, 6]);

/** The bits per sample that each colour type may have. */
const DEPTHS: Readonly<Record<number, readonly number[]>> = {
  0: [1, 2, 4, 8, 16],
  2: [8, 16],
  3: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16],
};

/**
 * Transparency is colour type 4 or 6, or a tRNS chunk, which the PNG standard requires before the first IDAT. EXIF counts only there too:
 * decoders do not look for it behind the pixels.
 */
export function* readPng(bytes: HeaderBytes): HeaderSteps<ImageHeader | null> {
  const header = yield* bytes.read(SIGNATURE_LENGTH, HEADER_LENGTH);
  if (header.length < HEADER_LENGTH || !isPossible(header)) return null;
  let hasAlpha: boolean | null = ALPHA_COLOUR_TYPES.has(header[17] ?? 0);
  let orientation: number | null = null;
  let offset = SIGNATURE_LENGTH + HEADER_LENGTH;
  for (let chunks = 0; ; chunks++) {
    if (chunks === MAX_SEGMENTS || bytes.isExhausted) {
      hasAlpha ||= null;
      break;
    }
    const chunk = yield* bytes.read(offset, 8);
    if (chunk.length < 8 || hasText(chunk, 4, 'IDAT')) break;
    const length = uint32BigEndian(chunk, 0);
    if (hasText(chunk, 4, 'tRNS')) hasAlpha = true;
    else if (hasText(chunk, 4, 'eXIf')) orientation ??= yield* readOrientation(bytes, offset + 8, length);
    offset += length + CHUNK_OVERHEAD;
  }
  return { width: uint32BigEndian(header, 8), height: uint32BigEndian(header, 12), hasAlpha, orientation };
}

/** Whether the values after the sides are ones that the standard defines: depth, colour type, compression, filter, interlacing. */
function isPossible(header: Uint8Array): boolean {
  const [depth = 0, colourType = 0, compression, filter, interlacing = 0] = header.subarray(16);
  const isDefined = (DEPTHS[colourType] ?? []).includes(depth) && compression === 0 && filter === 0 && interlacing <= 1;
  return isDefined && hasText(header, 0, '\0\0\0\rIHDR');
}
