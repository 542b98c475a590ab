/**
 * The port to the network. A failure is thrown as {@link TransportError}. `transportContract` of `@wan-image/core/testing` tests an
 * implementation.
 *
 * - Redirects are not followed: the target of a redirected POST could bill for it.
 * - The body of a response is delivered as it arrives, decompressed, and no faster than it is read.
 * - It has no timeout of its own for a response: the signal is the only limit.
 */
export type Transport = (request: TransportRequest) => Promise<TransportResponse>;

/** A request of a {@link Transport}. */
export interface TransportRequest {
  /** `GET`, `POST`, `PATCH` or `DELETE`. */
  readonly method: string;
  /** The whole URL. */
  readonly url: string;
  /** By lower-case name; with the credentials. */
  readonly headers: Readonly<Record<string, string>>;
  /** Null for a request without one. */
  readonly body: RequestBody | null;
  /** Aborts the request in every phase: connecting, sending, waiting, reading. */
  readonly signal: AbortSignal;
  /** Connect only to addresses of the public internet. A transport that cannot see addresses checks the URL. */
  readonly publicOnly: boolean;
}

/** A body that is created while it is sent, so that it is never completely in memory. */
export interface RequestBody {
  /** In bytes. */
  readonly length: number;
  /** Returns the bytes from the start on each call. */
  chunks(): AsyncIterable<Uint8Array>;
}

/** A response of a {@link Transport}. */
export interface TransportResponse {
  /** HTTP status; a redirect is a response like any other. */
  readonly status: number;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Must be read to its end, or its iterator returned; otherwise the connection stays open. */
  readonly body: AsyncIterable<Uint8Array>;
}

const MARKER = Symbol.for('@wan-image/core/TransportError');

/**
 * The only failure of a transport. `connected` decides whether the request may have been billed: without a connection it was not. It is
 * true in doubt. `refused` means that a retry would fail too.
 */
export class TransportError extends Error {
  /** Always `TransportError`. */
  override readonly name = 'TransportError';
  /** Whether there was a connection, so that the request may have been billed. */
  readonly connected: boolean;
  /** Whether a retry would fail too. */
  readonly refused: boolean;

  constructor(message: string, connected: boolean, options: { cause?: unknown; refused?: boolean } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.connected = connected;
    this.refused = options.refused ?? false;
    Object.defineProperty(this, MARKER, { value: true });
  }
}

/** Works across two installed copies of the package, unlike `instanceof`. */
export function isTransportError(value: unknown): value is TransportError {
  return typeof value === 'object' && value !== null && MARKER in value;
}

/** Creates the error of a transport from the innermost reason that the host reports. */
export function transportError(reason: string, connected: boolean, cause?: unknown): TransportError {
  const what = connected ? 'The connection broke' : 'No connection could be made';
  return new TransportError(`${what} (${reason})`, connected, { cause });
}
