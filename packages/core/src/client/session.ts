import type { ResponseHead } from '../protocol/response-head.ts';
import type { RawResponse } from './call-options.ts';
import type { Progress } from './failure.ts';
import type { TimeLimit } from './time-limit.ts';

/** A response whose body is read under the time limits of its call. */
export interface IncomingResponse extends ResponseHead {
  readonly body: AsyncIterable<Uint8Array>;
}

/** What the reader of a response needs from its call. */
export interface Session {
  /** 1 for the first attempt of the call. */
  readonly attempt: number;
  readonly progress: Progress;
  readonly limit: TimeLimit;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Passes the JSON of the response to `onResponse`. */
  readonly reportResponse: (response: ResponseHead, json: string) => RawResponse;
  /** Records that a part of the response has been delivered to the caller. From then on the call must not be retried. */
  readonly markDelivered: () => void;
}

/** Reads a response: yields what can be delivered early, and returns the rest. Throws the error of a failed response. */
export type ReadResponse<Y, R> = (response: IncomingResponse, session: Session) => AsyncGenerator<Y, R, void>;
