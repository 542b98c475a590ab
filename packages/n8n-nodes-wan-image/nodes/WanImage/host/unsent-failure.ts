import { TransportError } from '@wan-image/core/portable';

/** What n8n's HTTP client attaches to an error: Node's request and its socket, by their structure. */
interface SentRequest {
  readonly reusedSocket: boolean;
  readonly socket?: { readonly connecting?: boolean; readonly secureConnecting?: boolean } | null;
}

/**
 * The error of a request that certainly never left: it got no socket, as when a proxy refuses the tunnel, or the connection or its TLS was
 * not complete. Null in doubt. The error codes alone do not tell: ECONNRESET and EPROTO also end a request that was sent.
 */
export function unsentFailure(error: unknown): TransportError | null {
  let request: SentRequest | null = null;
  let innermost = error;
  for (let depth = 0; depth < 10 && innermost instanceof Error; depth++) {
    request ??= requestOf(innermost);
    if (!(innermost.cause instanceof Error)) break;
    innermost = innermost.cause;
  }
  if (request === null || !(innermost instanceof Error) || !isUnsent(request)) return null;
  return new TransportError(`No connection could be made (${reasonOf(innermost)})`, false, { cause: error });
}

function requestOf(error: Error): SentRequest | null {
  const { request } = error as { request?: Partial<SentRequest> };
  // Other clients wrap the request, and then nothing is known of its socket.
  return typeof request === 'object' && typeof request.reusedSocket === 'boolean' ? (request as SentRequest) : null;
}

function isUnsent({ socket, reusedSocket }: SentRequest): boolean {
  if (reusedSocket) return false;
  return socket === undefined || socket === null || socket.connecting === true || socket.secureConnecting === true;
}

/** The code of the system with the address that was tried, which may be that of a proxy; else the message. */
function reasonOf(error: Error): string {
  const { code, address, port } = error as { code?: string; address?: string; port?: number };
  const [summary = ''] = error.message.split('\n');
  if (code === undefined) return summary.trim();
  if (code === 'EPROTO' || code.startsWith('ERR_SSL')) return `${code}: ${tlsReason(summary)}`;
  return address === undefined ? code : `${code} ${address}:${port}`;
}

/** `write EPROTO 40FD…:error:0A00010B:SSL routines:tls_validate_record_header:wrong version number:…` → `wrong version number`. */
function tlsReason(message: string): string {
  return /SSL routines:[^:]*:([^:]+)/.exec(message)?.[1] ?? message;
}
