import type { GenerationOutcome } from '@wan-image/core';

/** Failures that cost nothing and would only fail again: the service's own upstream key is wrong, or nobody wants the images any more. */
const HOPELESS: ReadonlySet<string> = new Set(['authentication', 'canceled']);

/**
 * Whether an SDK may send a failed request again by itself: only if nothing was billed and another try may succeed (ruling 17).
 * `reason` is the error's kind or code.
 */
function isSafeToRetry(outcome: GenerationOutcome | null, reason: string | null): boolean {
  return outcome === 'not_billed' && !HOPELESS.has(reason ?? '');
}

/** The header that keeps SDKs from sending again; empty where they may. */
export function retryHeaders(outcome: GenerationOutcome | null, reason: string | null): Record<string, string> {
  return isSafeToRetry(outcome, reason) ? {} : { 'x-should-retry': 'false' };
}
