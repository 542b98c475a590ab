import type { RetryHints } from '@wan-image/core';
import type { RateHeaders } from '../../access/rate.service.ts';
import type { Caller } from '../../http/caller.ts';
import type { NewGeneration } from '../../ledger/ledger.service.ts';

/** Staged files of input images, which are not yet in the store. */
interface InputFiles {
  /** Moves the input images into the store; until then they cannot be read. */
  commit(): Promise<void>;
  /** Deletes the files that are not in the store yet. */
  discard(): Promise<void>;
}

/** What is known of a result before its response begins. */
export interface KnownResult {
  readonly generationId: string;
  /** Whether the generation belongs to an earlier request. */
  readonly isReplay: boolean;
  /** The caller's remaining rate; empty if there is no limit, and for a replay, which does not count against one. */
  readonly rate: RateHeaders;
}

/** A request that the contract has accepted, from any entry point: everything known about it before it has a row. */
export interface SubmitCommand extends Pick<
  NewGeneration,
  'accepted' | 'inputs' | 'source' | 'fingerprint' | 'rerunOf'
> {
  /** Identifies the request, not its generation: UUID. */
  readonly id: string;
  readonly files: InputFiles;
  readonly caller: Caller;
  readonly retry: RetryHints;
  /** `wait` for the response, or enqueue the generation (`queue`). */
  readonly mode: 'wait' | 'queue';
  /** Whether the client asks for its response as a stream of events. Two requests that differ in nothing else are equal. */
  readonly stream: boolean;
  /** Aborts when the client disconnects before its response is complete. */
  readonly signal: AbortSignal;
  /** Resolves when the response has been sent completely (true), or cannot be any more (false). */
  readonly received: Promise<boolean>;
  /** Called as soon as there is a generation, long before its response. */
  readonly onKnown?: (result: KnownResult) => void;
}

/** A request that was accepted before, as its idempotency key tells, but could not be accepted now. */
export interface KnownRequest extends Pick<SubmitCommand, 'caller' | 'mode' | 'stream' | 'signal' | 'onKnown'> {
  /** The generation of the earlier request. */
  readonly generationId: string;
}

/** Equal for equal requests of one caller. */
export function dedupeKeyOf({ caller: { projectId, keyId }, mode, fingerprint }: SubmitCommand): string {
  return `${projectId} ${keyId ?? ''} ${mode} ${fingerprint}`;
}
