import { hasText, uint16LittleEndian, uint24LittleEndian, uint32LittleEndian } from './byte-source.ts';
import { readOrientation } from './exif.ts';
import { MAX_SEGMENTS, type HeaderBytes, type HeaderSteps } from './header-bytes.ts';
import type { ImageHeader } from './image-header.ts';

const HAS_ALPHA = 0x10;
const HAS_EXIF = 0x08;

/** The first chunk is lossy (VP8), lossless (VP8L) or extended (VP8X). */
export function* readWebp(source: HeaderBytes): HeaderSteps<ImageHeader | null> {
  const bytes = yield* source.read(0, 30);
  if (bytes.length < 25) return null;
  if (hasText(bytes, 12, 'VP8L')) return readLossless(bytes);
  if (bytes.length < 30) return null;
  if (hasText(bytes, 12, 'VP8 ')) return readLossy(bytes);
  return hasText(bytes, 12, 'VP8X') ? yield* readExtended(source, bytes) : null;
}

function readLossy(bytes: Uint8Array): ImageHeader | null {
  if (!hasText(bytes, 23, '\x9d\x01\x2a')) return null;
  // The two bits above the 14 bits of each side are a scaling hint.
  return {
    width: uint16LittleEndian(bytes, 26) & 0x3fff,
    height: uint16LittleEndian(bytes, 28) & 0x3fff,
    hasAlpha: false,
    orientation: null,
  };
}

function readLossless(bytes: Uint8Array): ImageHeader | null {
  if (bytes[20] !== 0x2f) return null;
  const bits = uint32LittleEndian(bytes, 21);
  return {
    width: (bits & 0x3fff) + 1,
    height: ((bits >>> 14) & 0x3fff) + 1,
    hasAlpha: ((bits >>> 28) & 1) === 1,
    orientation: null,
  };
}

function* readExtended(source: HeaderBytes, bytes: Uint8Array): HeaderSteps<ImageHeader> {
  const flags = bytes[20] ?? 0;
  return {
    width: uint24LittleEndian(bytes, 24) + 1,
    height: uint24LittleEndian(bytes, 27) + 1,
    hasAlpha: (flags & HAS_ALPHA) !== 0,
    orientation: (flags & HAS_EXIF) === 0 ? null : yield* orientationOf(source),
  };
}

/** EXIF follows the pixels, so the chunks are followed to it. Some encoders put the prefix before it that JPEG has. */
function* orientationOf(source: HeaderBytes): HeaderSteps<number | null> {
  let offset = 12;
  for (let chunks = 0; chunks < MAX_SEGMENTS; chunks++) {
    const chunk = yield* source.read(offset, 14);
    if (chunk.length < 8) break;
    const length = uint32LittleEndian(chunk, 4);
    if (hasText(chunk, 0, 'EXIF')) {
      const prefix = hasText(chunk, 8, 'Exif\0\0') ? 6 : 0;
      return yield* readOrientation(source, offset + 8 + prefix, length - prefix);
    }
    offset += 8 + length + (length % 2);
  }
  return null;
}
