import type { Headers } from './response-head.ts';

/**
 * How long a server asks to wait, in milliseconds: `retry-after-ms` (OpenAI's), or `retry-after` in seconds or as a date.
 * `now` is in milliseconds since 1970. Null without a valid header.
 */
export function retryAfterMs(headers: Headers, now: number): number | null {
  const milliseconds = numberOf(headers['retry-after-ms']);
  if (milliseconds !== null) return milliseconds;
  const seconds = numberOf(headers['retry-after']);
  if (seconds !== null) return seconds * 1000;
  const date = Date.parse(headers['retry-after'] ?? '');
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}

function numberOf(text: string | undefined): number | null {
  return text !== undefined && /^\s*\d+(\.\d+)?\s*$/.test(text) ? Number(text) : null;
}
