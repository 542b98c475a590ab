import { MAX_JSON_BYTES } from './client-options.ts';

/** The text of a body, up to a size that no answer without pictures reaches. */
export async function readText(body: AsyncIterable<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  const parts: string[] = [];
  let received = 0;
  for await (const chunk of body) {
    parts.push(decoder.decode(chunk, { stream: true }));
    received += chunk.length;
    if (received > MAX_JSON_BYTES) break;
  }
  parts.push(decoder.decode());
  return parts.join('');
}
