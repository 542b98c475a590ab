/** An input image that is given as bytes, checked by the rules of the contract; it becomes a data URI only while it is sent. */
export class InputImage {
  readonly mimeType: string;
  /** In bytes. */
  readonly size: number;
  /** The bytes from the start, at each call anew: a request may be sent more than once. */
  readonly chunks: () => AsyncIterable<Uint8Array>;

  constructor(mimeType: string, size: number, chunks: () => AsyncIterable<Uint8Array>) {
    this.mimeType = mimeType;
    this.size = size;
    this.chunks = chunks;
  }
}
