import type { WanImageError } from '@wan-image/core/portable';
import type { IExecuteFunctions } from 'n8n-workflow';

/** How a request ended that was billed, or may have been. */
type Ending<Response> = { readonly response: Response } | { readonly error: WanImageError };

export interface EarlierTries<Response> {
  get(key: string): Ending<Response> | undefined;
  set(key: string, ending: Ending<Response>): void;
}

/** By n8n's context data of the node in an execution: the same object in every try, and collected with the execution. */
const BY_EXECUTION = new WeakMap<object, Map<string, Ending<unknown>>>();

const NONE: EarlierTries<never> = { get: () => undefined, set: () => undefined };

/**
 * The requests that this run of the node has sent in earlier tries, by idempotency key. With Retry On Fail n8n runs the whole node
 * again, including the items that succeeded and those that may have been billed, and AnyFast bills every request.
 */
export function earlierTries<Response>(context: IExecuteFunctions): EarlierTries<Response> {
  if (context.getNode().retryOnFail !== true) return NONE;
  const execution = context.getContext('node');
  const endings = BY_EXECUTION.get(execution) ?? new Map<string, Ending<unknown>>();
  BY_EXECUTION.set(execution, endings);
  // A key belongs to one node, which stores responses of one type.
  return endings as Map<string, Ending<Response>>;
}
