import type { WanImageError } from '@wan-image/core/portable';
import type { IExecuteFunctions } from 'n8n-workflow';

/** What came of a request that was, or may have been, paid for. */
type Sent<PartialResponse> = { readonly response: PartialResponse } | { readonly error: WanImageError };

export interface SentBefore<PartialResponse> {
  get(key: string): Sent<PartialResponse> | undefined;
  set(key: string, sent: Sent<PartialResponse>): void;
}

/** By what n8n keeps of a node in an execution: the same object in all tries, and gone with the execution. */
const BY_EXECUTION = new WeakMap<object, Map<string, Sent<unknown>>>();

const NOTHING: SentBefore<never> = { get: () => undefined, set: () => undefined };

/**
 * What this run of the node has sent in an earlier try. With Retry On Fail n8n runs the whole node again, the items that had succeeded
 * and those that may have been billed as well, and AnyFast bills each request that it gets.
 */
export function sentBefore<PartialResponse>(context: IExecuteFunctions): SentBefore<PartialResponse> {
  if (context.getNode().retryOnFail !== true) return NOTHING;
  const execution = context.getContext('node');
  const sent = BY_EXECUTION.get(execution) ?? new Map<string, Sent<unknown>>();
  BY_EXECUTION.set(execution, sent);
  // A key names one request of one node, whose replies are of one kind.
  return sent as Map<string, Sent<PartialResponse>>;
}
