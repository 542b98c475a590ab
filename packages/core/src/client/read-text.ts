import type { IncomingResponse, Session } from './call.ts';
import { MAX_JSON_BYTES } from './client-options.ts';

/** The text of a body, up to a size that no answer without images reaches. */
export async function readText(body: AsyncIterable<Uint8Array>): Promise<string> {
  return textOf(body, () => true);
}

/** The text of an error, as far as it comes: its status has said the most of it already. */
export async function readErrorText({ body }: IncomingResponse, { limit }: Session): Promise<string> {
  return textOf(body, () => limit.reason() !== null);
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
