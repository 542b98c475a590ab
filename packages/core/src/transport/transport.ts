/**
 * The port to the network: the smallest that works. A failure is thrown as {@link TransportError}.
 * `transportContract` of `@wan-image/core/testing` checks one.
 *
 * - Redirects are answers like any other: a POST that wanders off could be paid for somewhere else.
 * - The body of an answer comes as it arrives, decompressed, and no faster than it is read.
 * - There is no time limit inside: the caller's signal is the only one.
 */
export type Transport = (request: TransportRequest) => Promise<TransportResponse>;

export interface TransportRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: RequestBody | null;
  /** Aborts connecting, sending, waiting and reading alike. */
  readonly signal: AbortSignal;
  /** Connect to addresses of the public internet alone; a transport that cannot see addresses judges by the URL. */
  readonly publicOnly: boolean;
}

/** A body that is made while it is sent, so that it never has to be there as a whole. */
export interface RequestBody {
  /** In bytes. */
  readonly length: number;
  /** The bytes from the start, at each call anew. */
  chunks(): AsyncIterable<Uint8Array>;
}

export interface TransportResponse {
  readonly status: number;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Read it to its end or return its iterator, or the connection stays busy. */
  readonly body: AsyncIterable<Uint8Array>;
}

const MARKER = Symbol.for('@wan-image/core/TransportError');

/**
 * A transport's only failure. `connected` is what money hangs on: where no connection was ever made,
 * nothing can have been billed. In doubt it is true. `refused` is one that will not be made at another try either.
 */
export class TransportError extends Error {
  override readonly name = 'TransportError';
  readonly connected: boolean;
  readonly refused: boolean;

  constructor(message: string, connected: boolean, options: { cause?: unknown; refused?: boolean } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.connected = connected;
    this.refused = options.refused ?? false;
    Object.defineProperty(this, MARKER, { value: true });
  }
}

export function isTransportError(value: unknown): value is TransportError {
  return typeof value === 'object' && value !== null && MARKER in value;
}

/** A transport's failure in words: what broke, and the innermost reason that the host gives. */
export function transportError(reason: string, connected: boolean, cause?: unknown): TransportError {
  const what = connected ? 'The connection broke' : 'No connection could be made';
  return new TransportError(`${what} (${reason})`, connected, { cause });
}
