import { hasText, uint32BigEndian, type ByteSource } from './byte-source.ts';
import type { ImageHeader } from './image-header.ts';

const SIGNATURE_LENGTH = 8;
/** Length, type and checksum around the data of each chunk. */
const CHUNK_OVERHEAD = 12;
const ALPHA_COLOUR_TYPES = new Set([4, 6]);

/** Transparency is colour type 4 or 6, or a tRNS chunk, which the PNG standard requires before the first IDAT. */
export function readPng(source: ByteSource): ImageHeader | null {
  const header = source.read(SIGNATURE_LENGTH, 25);
  if (header.length < 25 || !hasText(header, 4, 'IHDR')) return null;
  const colourType = header[17] ?? 0;
  return {
    width: uint32BigEndian(header, 8),
    height: uint32BigEndian(header, 12),
    hasAlpha: ALPHA_COLOUR_TYPES.has(colourType) || hasTransparencyChunk(source),
  };
}

function hasTransparencyChunk(source: ByteSource): boolean {
  let offset = SIGNATURE_LENGTH;
  while (offset + CHUNK_OVERHEAD <= source.length) {
    const chunk = source.read(offset, 8);
    if (hasText(chunk, 4, 'tRNS')) return true;
    if (hasText(chunk, 4, 'IDAT')) return false;
    offset += uint32BigEndian(chunk, 0) + CHUNK_OVERHEAD;
  }
  return false;
}
