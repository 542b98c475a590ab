import type { Headers } from './response-head.ts';

/** No server can know today what it will do later than that: a longer time is read as this one. */
const MAX_RETRY_AFTER_MS = 24 * 60 * 60_000;

/**
 * How long a server asks to wait, in milliseconds: `retry-after-ms` (OpenAI's), or `retry-after` in seconds or as a date; at most a day.
 * `now` is in milliseconds since 1970. Null without a valid header, and for a negative number or a date that is not in the future, which
 * say nothing.
 */
export function retryAfterMs(headers: Headers, now: number): number | null {
  const milliseconds = numberOf(headers['retry-after-ms']);
  if (milliseconds !== null) return Math.min(milliseconds, MAX_RETRY_AFTER_MS);
  const seconds = numberOf(headers['retry-after']);
  if (seconds !== null) return Math.min(seconds * 1000, MAX_RETRY_AFTER_MS);
  const waitMs = dateOf(headers['retry-after'] ?? '') - now;
  return waitMs > 0 ? Math.min(waitMs, MAX_RETRY_AFTER_MS) : null;
}

function numberOf(text: string | undefined): number | null {
  return text !== undefined && /^\s*\d+(\.\d+)?\s*$/.test(text) ? Number(text) : null;
}

/** NaN if it is none. `Date.parse` also reads numbers such as `-5` as dates; those of HTTP begin with a weekday. */
function dateOf(text: string): number {
  return /^\s*[a-z]{3}/i.test(text) ? Date.parse(text) : Number.NaN;
}
