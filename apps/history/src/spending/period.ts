import type { SpendPeriod } from '@wan-image/core';

/** The start of the period that contains a time, in UTC. */
export function periodStart(period: SpendPeriod, now: Date): Date {
  if (period === 'total') return new Date(0);
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), period === 'day' ? now.getUTCDate() : 1));
}

/** The end of that period; null if it never ends. */
export function periodEnd(period: SpendPeriod, now: Date): Date | null {
  if (period === 'total') return null;
  const [year, month] = [now.getUTCFullYear(), now.getUTCMonth()];
  return new Date(period === 'day' ? Date.UTC(year, month, now.getUTCDate() + 1) : Date.UTC(year, month + 1, 1));
}
