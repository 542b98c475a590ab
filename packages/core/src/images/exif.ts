import { hasText, uint16BigEndian, uint16LittleEndian, uint32BigEndian, uint32LittleEndian } from './byte-source.ts';
import type { HeaderBytes, HeaderSteps } from './header-bytes.ts';

const ORIENTATION = 0x0112;
const SHORT = 3;
const ENTRY_BYTES = 12;

/** The orientation in the first directory of EXIF data, which begins with a TIFF header, or null: 1 is upright, 5 to 8 swap the sides. */
export function* readOrientation(bytes: HeaderBytes, start: number, length: number): HeaderSteps<number | null> {
  const header = yield* bytes.read(start, 8);
  const isLittle = hasText(header, 0, 'II*\0');
  if (!isLittle && !hasText(header, 0, 'MM\0*')) return null;
  const uint16 = isLittle ? uint16LittleEndian : uint16BigEndian;
  const directory = (isLittle ? uint32LittleEndian : uint32BigEndian)(header, 4);
  const count = uint16(yield* bytes.read(start + directory, 2), 0);
  const space = Math.max(0, length - directory - 2);
  const entries = yield* bytes.read(start + directory + 2, Math.min(count * ENTRY_BYTES, space));
  for (let at = 0; at + ENTRY_BYTES <= entries.length; at += ENTRY_BYTES) {
    if (uint16(entries, at) !== ORIENTATION || uint16(entries, at + 2) !== SHORT) continue;
    const value = uint16(entries, at + 8);
    return value >= 1 && value <= 8 ? value : null;
  }
  return null;
}
