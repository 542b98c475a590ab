import { MAX_JSON_BYTES } from './client-options.ts';
import type { IncomingResponse, Session } from './session.ts';

/** Reads a body without images as text, up to `MAX_JSON_BYTES`. */
export async function readText(body: AsyncIterable<Uint8Array>): Promise<string> {
  return textOf(body, () => true);
}

/** Reads the body of an error as far as it arrives. If the connection breaks, its status still tells the most. */
export async function readErrorText({ body }: IncomingResponse, { limit }: Session): Promise<string> {
  return textOf(body, () => limit.reason !== null);
}

async function textOf(body: AsyncIterable<Uint8Array>, mustThrow: () => boolean): Promise<string> {
  const decoder = new TextDecoder();
  const parts: string[] = [];
  let received = 0;
  try {
    for await (const chunk of body) {
      parts.push(decoder.decode(chunk, { stream: true }));
      received += chunk.length;
      if (received > MAX_JSON_BYTES) break;
    }
  } catch (cause) {
    if (mustThrow()) throw cause;
  }
  parts.push(decoder.decode());
  return parts.join('');
}
