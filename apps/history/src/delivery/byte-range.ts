import { parse } from 'range-parser';

export interface ByteRange {
  /** Both inclusive. */
  readonly start: number;
  readonly end: number;
}

const MALFORMED = 1;
const UNSATISFIABLE = 2;

/**
 * The part that a `Range` header requests (RFC 9110, section 14). `whole` if there is no header, and for malformed ranges, multiple ranges
 * and other units, which a server may ignore. `unsatisfiable` if the range starts beyond the end.
 */
export function readRange(header: string | undefined, length: number): ByteRange | 'whole' | 'unsatisfiable' {
  if (header === undefined) return 'whole';
  const { type, code, ranges } = parse(length, header);
  const [range, ...others] = ranges;
  if (type !== 'bytes' || (code & MALFORMED) !== 0 || others.length > 0) return 'whole';
  return range ?? ((code & UNSATISFIABLE) === 0 ? 'whole' : 'unsatisfiable');
}
