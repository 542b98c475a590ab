import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';

/** A body of at most this size is read away within moments, so its connection is kept for the next request. */
const SMALL_BYTES = 1024 * 1024;

/** How much of a body is read away, how long that may take, and how long a client may pause. */
const MOST_BYTES = 256 * 1024 * 1024;
const MOST_MS = 30_000;
const MOST_PAUSE_MS = 5000;

const CHECK_INTERVAL_MS = 1000;

/**
 * Prepares the response to a request whose body is still arriving, and returns its payload. The bytes that arrive would be taken for the
 * next request of the connection, or keep it from being read; and a connection that is closed while its client still sends is reset, which
 * can cost the client the response. So the response is sent at once, and does not end before the rest of the body has been read away. If
 * that is more than a small body may have, the response says `connection: close`.
 */
export function responseWhileBodyArrives(raw: IncomingMessage, reply: FastifyReply, payload: unknown): unknown {
  if (raw.complete || !hasBody(raw)) return payload;
  if (!(Number(raw.headers['content-length']) <= SMALL_BYTES)) void reply.header('connection', 'close');
  if (typeof payload !== 'string' && !Buffer.isBuffer(payload)) return payload;
  const bytes = Buffer.from(payload);
  void reply.header('content-length', bytes.length);
  return Readable.from(thenReadAway(raw, bytes));
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

async function* thenReadAway(raw: IncomingMessage, payload: Buffer): AsyncGenerator<Buffer, void, void> {
  yield payload;
  // Its end would begin to read the next request, which is in the middle of this one.
  if (!(await isReadAway(raw))) raw.destroy();
}

/** Reads the rest of a body. Resolves to false if that goes beyond a bound, or the client has disconnected. */
function isReadAway(raw: IncomingMessage): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  let bytes = 0;
  const startedAt = performance.now();
  let last = startedAt;
  const onReadable = (): void => {
    for (let chunk = raw.read() as Buffer | null; chunk !== null; chunk = raw.read() as Buffer | null) {
      bytes += chunk.length;
      last = performance.now();
    }
    if (bytes > MOST_BYTES) resolve(false);
  };
  const onEnd = (): void => resolve(raw.complete);
  const timer = setInterval(() => {
    const now = performance.now();
    if (now - last > MOST_PAUSE_MS || now - startedAt > MOST_MS) resolve(false);
  }, CHECK_INTERVAL_MS);
  raw.on('readable', onReadable).on('end', onEnd).on('close', onEnd).on('error', onEnd);
  if (raw.readableEnded || raw.destroyed) onEnd();
  else onReadable();
  return promise.finally(() => {
    clearInterval(timer);
    raw.off('readable', onReadable).off('end', onEnd).off('close', onEnd).off('error', onEnd);
  });
}
