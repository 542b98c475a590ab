import type { Setting } from '../support/run.mts';

/** The fields that an error has to have. */
interface ExpectedError {
  readonly message?: RegExp;
  readonly description?: RegExp;
}

/** A generation request that has to reach the service. */
interface ExpectedRequest {
  readonly url?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Readonly<Record<string, unknown>>;
}

/** One run of the node as its user sets it up, and everything that has to come of it. A report of a user is one more of these. */
export interface NodeCase extends Setting {
  readonly name: string;
  /** Fields of each output item, in order. Without it, there are none. */
  readonly items?: readonly object[];
  /** Without it, the run has no error. */
  readonly error?: ExpectedError;
  /** The generation requests, in order. Without it, nothing may reach the service. */
  readonly sent?: readonly ExpectedRequest[];
}
