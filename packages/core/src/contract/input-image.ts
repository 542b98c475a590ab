/** An input image as bytes, already checked against the contract. It becomes a data URI only while it is sent. */
export class InputImage {
  readonly mimeType: string;
  /** In bytes. */
  readonly size: number;
  /** Returns the bytes from the start on each call, because a request may be sent more than once. */
  readonly chunks: () => AsyncIterable<Uint8Array>;

  constructor(mimeType: string, size: number, chunks: () => AsyncIterable<Uint8Array>) {
    this.mimeType = mimeType;
    this.size = size;
    this.chunks = chunks;
  }
}
