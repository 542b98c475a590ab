import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyReply } from 'fastify';

/**
 * Sends a body that is made while it is sent, and whose chunks may all come in the same memory: each is out before the next is asked for.
 * Rejects where the first fails, so that this can be answered; what fails later breaks the connection off, so that the body never
 * looks complete, and is told to `onBroken`. Where the caller leaves, no more is asked for.
 */
export async function sendChunks(
  reply: FastifyReply,
  chunks: AsyncIterable<Uint8Array>,
  onBroken: (error: unknown) => void,
): Promise<void> {
  const iterator = chunks[Symbol.asyncIterator]();
  let next = await iterator.next();
  const { raw, request } = reply;
  // Not of the response: one that waits behind another on its connection is never told that this was closed.
  const { socket } = request.raw;
  for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) raw.setHeader(name, value);
  reply.hijack();
  try {
    while (!next.done && (await isWritten(raw, socket, next.value))) next = await iterator.next();
    if (next.done) raw.end();
    else raw.destroy();
  } catch (error) {
    raw.destroy();
    onBroken(error);
  } finally {
    await iterator.return?.();
  }
}

/** Writes a chunk, and says when its memory may be used again: false where there is nobody to write to any more. */
function isWritten(response: ServerResponse, socket: Socket, chunk: Uint8Array): Promise<boolean> {
  return new Promise((resolve) => {
    if (socket.destroyed) return resolve(false);
    const gone = (): void => resolve(false);
    socket.once('close', gone);
    response.write(chunk, (error) => {
      socket.off('close', gone);
      resolve(!error);
    });
  });
}
