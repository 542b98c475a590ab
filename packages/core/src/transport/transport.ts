/** The port to the network: the smallest that works. A failure is thrown as {@link TransportError}. */
export type Transport = (request: TransportRequest) => Promise<TransportResponse>;

export interface TransportRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  /** Aborts connecting, waiting and reading alike. */
  readonly signal: AbortSignal;
}

export interface TransportResponse {
  readonly status: number;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The body as it arrives. Read it to its end, or the connection stays busy. */
  readonly body: AsyncIterable<Uint8Array>;
}

const MARKER = Symbol.for('@wan-image/core/TransportError');

/**
 * A transport's only failure. `connected` is what money hangs on: where no connection was ever made,
 * nothing can have been billed. In doubt it is true.
 */
export class TransportError extends Error {
  override readonly name = 'TransportError';
  readonly connected: boolean;

  constructor(message: string, connected: boolean, options?: { cause?: unknown }) {
    super(message, options);
    this.connected = connected;
    Object.defineProperty(this, MARKER, { value: true });
  }
}

export function isTransportError(value: unknown): value is TransportError {
  return typeof value === 'object' && value !== null && MARKER in value;
}
