/** Reads a stream into one array. */
export async function concatenate(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stream) {
    all.push(chunk);
    length += chunk.length;
  }
  return joinChunks(all, length);
}

/** Joins chunks of `length` bytes in total. */
export function joinChunks(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
