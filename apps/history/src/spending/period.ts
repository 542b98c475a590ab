import type { SpendPeriod } from '@wan-image/core';

/** When the period began that a time lies in, in UTC. */
export function periodStart(period: SpendPeriod, now: Date): Date {
  if (period === 'total') return new Date(0);
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), period === 'day' ? now.getUTCDate() : 1));
}

/** When it ends; null: never. */
export function periodEnd(period: SpendPeriod, now: Date): Date | null {
  if (period === 'total') return null;
  const [year, month] = [now.getUTCFullYear(), now.getUTCMonth()];
  return new Date(period === 'day' ? Date.UTC(year, month, now.getUTCDate() + 1) : Date.UTC(year, month + 1, 1));
}
