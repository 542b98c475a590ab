import type { SpendPeriod } from '@wan-image/core';
import { ApiError } from '../domain/api-error.ts';
import { amountOf } from '../domain/money.ts';
import { periodEnd } from './period.ts';

export interface Exceeded {
  readonly limit: number;
  readonly period: SpendPeriod;
  /** The maximum cost of the request. */
  readonly amount: number;
  readonly currency: string;
}

const PERIODS: Readonly<Record<SpendPeriod, string>> = { day: ' a day', month: ' a month', total: '' };

/** Not a rate limit error, which an SDK would retry by itself: a budget does not recover in seconds. */
export function spendLimitReached({ limit, period, amount, currency }: Exceeded, now: Date): ApiError {
  const end = periodEnd(period, now);
  const remedy =
    end === null
      ? 'Ask for fewer images, or for a key with a higher limit.'
      : `Ask for fewer images, for a key with a higher limit, or again after ${end.toISOString()}.`;
  const message = `The spend limit of this API key is ${amountOf(limit)} ${currency}${PERIODS[period]}, and this request could cost ${amountOf(amount)}, which is more than the limit has left. Nothing was sent. ${remedy}`;
  const headers = {
    'x-should-retry': 'false',
    ...(end === null ? {} : { 'retry-after': String(Math.ceil((end.getTime() - now.getTime()) / 1000)) }),
  };
  return new ApiError(message, { status: 402, type: 'spend_limit_error', code: 'spend_limit_reached', headers });
}

/** A limit that cannot be enforced rejects every request. */
export function noPrice(model: string): ApiError {
  const message = `The API key has a spend limit, and ${model} has no price, so nothing was sent. The operator of the service must add one to PRICES.`;
  const headers = { 'x-should-retry': 'false' };
  return new ApiError(message, { status: 503, type: 'server_error', code: 'no_price', headers });
}
