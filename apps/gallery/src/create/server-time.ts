import type { RawResponse } from '@wan-image/core';

/** How far the clock of the service is ahead of that of this device, in milliseconds. */
let aheadMs = 0;

/** The header `date` has whole seconds, and the response took its time: less than this is no difference. */
const PRECISION_MS = 3000;

/** Learns the time of the service from a response: the times of records are by its clock. */
export function noteServerTime({ headers }: Pick<RawResponse, 'headers'>, now = Date.now()): void {
  const difference = Date.parse(headers['date'] ?? '') - now;
  if (Number.isFinite(difference)) aheadMs = Math.abs(difference) < PRECISION_MS ? 0 : difference;
}

/** How long ago a time of the service was, in milliseconds; never negative. */
export function elapsedSince(time: string, now: number): number {
  return Math.max(0, now + aheadMs - Date.parse(time));
}
