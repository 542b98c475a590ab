import { isWanImageError } from '@wan-image/core';
import type { Logger } from 'pino';
import type { Upstream } from './upstream.ts';

/** How long the upstream may take to tell, in milliseconds. Nothing waits for it. */
const LIMIT_MS = 30_000;

/**
 * Why no image can be expected of the upstream, as a sentence for the operator: it does not accept the key, or cannot be connected to. Null
 * if it accepts the key, or does not say. Asks for the list of models, which costs nothing.
 */
async function problemOf({ client, baseUrl }: Upstream, signal: AbortSignal): Promise<string | null> {
  try {
    await client.models({ signal: AbortSignal.any([signal, AbortSignal.timeout(LIMIT_MS)]), retry: { maxRetries: 0 } });
    return null;
  } catch (error) {
    if (!isWanImageError(error)) throw error;
    const { status, kind, summary } = error;
    if (status === 401 || status === 403)
      return `The upstream at ${baseUrl} does not accept UPSTREAM_API_KEY (${status} on GET /v1/models), so generations will probably fail: check that the key is complete and belongs to this host (UPSTREAM_BASE_URL).`;
    if (kind === 'connection_failed')
      return `The upstream at ${baseUrl} cannot be connected to, so generations will fail: check UPSTREAM_BASE_URL and the network. ${summary}`;
    return null;
  }
}

/**
 * Tells the operator of a wrong key when the service starts, not when the first image fails. The start neither waits for it nor fails: an
 * upstream that is away may be back by the first request.
 */
export async function warnOfUpstreamProblem(upstream: Upstream, logger: Logger, signal: AbortSignal): Promise<void> {
  if (upstream.simulated) return;
  const problem = await problemOf(upstream, signal);
  if (problem !== null && !signal.aborted) logger.warn(problem);
}
