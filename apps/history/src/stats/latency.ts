import { LATENCY_STEP } from '../ledger/outbox.repository.ts';

/** Decimal digits of the count of a bucket, and digits of PostgreSQL's, which are of base 10,000. */
const DIGITS = 12;
const PARTS = 3;
const PART = 10_000;
const BASE = 10 ** DIGITS;

/**
 * The counts of all buckets are one decimal number, in which each bucket has twelve digits: the count of bucket 0 stands in the last ones. So
 * `sum` and `+` add up all buckets at once, in a tenth of the time of arrays or JSON. `bucket` and `count` are SQL expressions.
 */
export function packedLatencySql(bucket: string, count: string): string {
  return `${count}::numeric * ('1e' || ${DIGITS} * ${bucket}::integer)::numeric`;
}

/** What {@link bucketsOf} reads: as text, the sums of a month by the hour are a megabyte, mostly of zeros. `latencies` is an SQL expression. */
export function packedBytesSql(latencies: string): string {
  return `numeric_send(${latencies})`;
}

/** The sign of a negative number in PostgreSQL's binary format. */
const NEGATIVE = 0x4000;

/**
 * The counts of the buckets that have some, from PostgreSQL's binary format of the number that {@link packedLatencySql} adds up: how many digits
 * there are, the exponent of the first one, the sign, the scale, and the digits without the zeros at both ends.
 */
export function bucketsOf(bytes: Uint8Array): ReadonlyMap<number, number> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [length, highest, sign] = [view.getInt16(0), view.getInt16(2), view.getUint16(4) === NEGATIVE ? -1 : 1];
  const sums = new Map<number, number>();
  for (let digit = length - 1; digit >= 0; digit--) {
    const exponent = highest - digit;
    const bucket = Math.floor(exponent / PARTS);
    sums.set(bucket, (sums.get(bucket) ?? 0) + view.getUint16(8 + 2 * digit) * PART ** (exponent % PARTS));
  }
  const buckets = new Map<number, number>();
  let carry = 0;
  for (let bucket = Math.floor((highest - length + 1) / PARTS); bucket * PARTS <= highest || carry > 0; bucket++) {
    const sum = (sums.get(bucket) ?? 0) + carry;
    // What is removed may be counted before what was added: a bucket below zero has borrowed from the next one.
    carry = sum >= BASE / 2 ? 1 : 0;
    const count = sum - carry * BASE;
    if (count !== 0) buckets.set(bucket, sign * count);
  }
  return buckets;
}

/**
 * Ascending quantiles of durations that are counted in logarithmic buckets, in milliseconds: the middle of its bucket, so that it is at most half
 * a bucket (4.9 %) from the exact one. Empty without any.
 */
export function quantilesOf(buckets: ReadonlyMap<number, number>, quantiles: readonly number[]): readonly number[] {
  let total = 0;
  for (const count of buckets.values()) total += count;
  const found: number[] = [];
  let seen = 0;
  // In the order of the buckets. One below zero has none.
  for (const [bucket, count] of buckets) {
    seen += count;
    const known = quantiles.filter((quantile) => seen >= Math.max(1, Math.ceil(quantile * total))).length;
    if (count > 0)
      for (let next = found.length; next < known; next++) found.push(Math.round(LATENCY_STEP ** (bucket + 0.5)));
  }
  return found;
}
