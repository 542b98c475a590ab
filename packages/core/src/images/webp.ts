import { hasText, int32LittleEndian, uint16LittleEndian, uint24LittleEndian, type ByteSource } from './byte-source.ts';
import type { ImageHeader } from './image-header.ts';

/** The first chunk is lossy (VP8), lossless (VP8L) or extended (VP8X). */
export function readWebp(source: ByteSource): ImageHeader | null {
  const bytes = source.read(0, 30);
  if (bytes.length < 25) return null;
  if (hasText(bytes, 12, 'VP8L')) return readLossless(bytes);
  if (bytes.length < 30) return null;
  if (hasText(bytes, 12, 'VP8 ')) return readLossy(bytes);
  if (hasText(bytes, 12, 'VP8X')) return readExtended(bytes);
  return null;
}

function readLossy(bytes: Uint8Array): ImageHeader | null {
  if (!hasText(bytes, 23, '\x9d\x01\x2a')) return null;
  // The two bits above the 14 bits of each side are a scaling hint.
  return {
    width: uint16LittleEndian(bytes, 26) & 0x3fff,
    height: uint16LittleEndian(bytes, 28) & 0x3fff,
    hasAlpha: false,
  };
}

function readLossless(bytes: Uint8Array): ImageHeader | null {
  if (bytes[20] !== 0x2f) return null;
  const bits = int32LittleEndian(bytes, 21);
  return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1, hasAlpha: ((bits >>> 28) & 1) === 1 };
}

function readExtended(bytes: Uint8Array): ImageHeader {
  return {
    width: uint24LittleEndian(bytes, 24) + 1,
    height: uint24LittleEndian(bytes, 27) + 1,
    hasAlpha: ((bytes[20] ?? 0) & 0x10) !== 0,
  };
}
