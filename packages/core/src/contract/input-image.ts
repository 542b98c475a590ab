/** An input image as bytes, already checked against the contract. It becomes a data URI only while it is sent. */
export class InputImage {
  /** Such as `image/png`, by its magic bytes. */
  readonly mimeType: string;
  /** In bytes. */
  readonly size: number;
  /** Returns the bytes from the start on each call, because a request may be sent more than once. */
  readonly chunks: () => AsyncIterable<Uint8Array>;

  /** The data URI that it was passed as, which is sent as it is. Null if it was passed as bytes. */
  readonly dataUri: string | null;

  constructor(mimeType: string, size: number, chunks: () => AsyncIterable<Uint8Array>, dataUri: string | null = null) {
    this.mimeType = mimeType;
    this.size = size;
    this.chunks = chunks;
    this.dataUri = dataUri;
  }
}
