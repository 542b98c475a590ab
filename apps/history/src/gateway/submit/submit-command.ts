import type { RetryHints } from '@wan-image/core';
import type { Caller } from '../../access/caller.ts';
import type { NewGeneration } from '../../ledger/ledger.service.ts';

/** Files of input images that are on disk and not yet in the store. */
interface InputFiles {
  /** Puts the input images into the store; before that nobody can read them. */
  commit(): Promise<void>;
  /** Deletes what is not in the store by then. */
  discard(): Promise<void>;
}

/** A request for images that the contract has accepted, whichever way it came: what there is to know of it before it has a row. */
export interface SubmitCommand extends Pick<NewGeneration, 'accepted' | 'inputs' | 'source' | 'fingerprint'> {
  readonly files: InputFiles;
  readonly caller: Caller;
  readonly retry: RetryHints;
  /** `wait` for the response, or leave it to the `queue`. */
  readonly mode: 'wait' | 'queue';
  /** Aborts when the client disconnects before its response is complete. */
  readonly signal: AbortSignal;
}
