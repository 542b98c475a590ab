/** All bytes of a stream in one piece. */
export async function concatenate(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  let length = 0;
  for await (const piece of stream) {
    all.push(piece);
    length += piece.length;
  }
  return joined(all, length);
}

/** Pieces in one, of so many bytes together. */
export function joined(pieces: readonly Uint8Array[], length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}
