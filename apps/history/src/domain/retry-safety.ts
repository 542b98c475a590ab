import type { GenerationOutcome } from '@wan-image/core';

/** Failures that were not billed but are pointless to retry: the service's own upstream key is invalid, or the generation was canceled. */
const HOPELESS: ReadonlySet<string> = new Set(['authentication', 'canceled']);

/**
 * Whether an SDK may retry a failed request automatically: only if nothing was billed and a retry may succeed (ruling 17).
 * `reason` is the error's kind or code.
 */
function isSafeToRetry(outcome: GenerationOutcome | null, reason: string | null): boolean {
  return outcome === 'not_billed' && !HOPELESS.has(reason ?? '');
}

/** The header that keeps SDKs from retrying; empty if they may. */
export function retryHeaders(outcome: GenerationOutcome | null, reason: string | null): Record<string, string> {
  return isSafeToRetry(outcome, reason) ? {} : { 'x-should-retry': 'false' };
}
