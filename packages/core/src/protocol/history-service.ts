import type { Headers } from './response-head.ts';

/** Whether a response is that of a history service, which bills a repeated `Idempotency-Key` once. */
export function isHistoryService(headers: Headers): boolean {
  return (headers['wan-image-history'] ?? '') !== '';
}
