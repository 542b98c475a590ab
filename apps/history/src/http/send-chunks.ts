import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyReply } from 'fastify';

/**
 * Sends a body while it is produced. Each chunk is written before the next is requested, so all may use the same memory. Rejects if the
 * first chunk fails, so that the client still gets an error response. A later failure closes the connection, so that the body never
 * looks complete, and calls `onBroken`. Requests no more chunks after the client disconnects, nor for the response to HEAD.
 */
export async function sendChunks(
  reply: FastifyReply,
  chunks: AsyncIterable<Uint8Array>,
  onBroken: (error: unknown) => void,
): Promise<void> {
  const iterator = chunks[Symbol.asyncIterator]();
  let next = await iterator.next();
  const { raw, request } = reply;
  // Not `raw.socket`: a response that is queued behind another one on its connection has none, and gets no `close` event.
  const { socket } = request.raw;
  for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) raw.setHeader(name, value);
  reply.hijack();
  try {
    if (request.method === 'HEAD') return void raw.end();
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

/** Resolves when the chunk is written and its memory may be reused: to false if the client has disconnected. */
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
