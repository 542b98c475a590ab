import type { IncomingMessage } from 'node:http';

/** Nine input images of 20 MB as base64, and the rest of the JSON. */
const MAX_BODY_BYTES = 260 * 1024 * 1024;

/** The body as text, or null if it is too large. */
export async function readBody(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  return length > MAX_BODY_BYTES ? null : Buffer.concat(chunks).toString('utf8');
}
