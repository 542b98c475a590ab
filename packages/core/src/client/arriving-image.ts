import type { ImageEvent } from '../protocol/image-scanner.ts';

/** An image whose bytes are arriving. */
export interface ArrivingImage {
  /** Its index in the response, from 0. */
  readonly index: number;
  /**
   * The bytes as they arrive. Can be read once. A slow reader slows down the connection instead of filling the memory.
   * Throws if the image is cut off or is not base64: discard what has been written of it.
   */
  stream(): AsyncIterable<Uint8Array>;
}

/**
 * Reads each image of a base64 response as it arrives, one after the other. Without a sink the images are held in memory.
 * If it throws or does not read the whole image, the call fails with `sink_failed` after the last image.
 */
export type Sink = (image: ArrivingImage) => Promise<unknown>;

export const NOT_AWAITED = 'the sink returned before it had read the image: await what it does';

/** The bytes of one image among the events of its response. */
export class ArrivingBytes {
  readonly #first: Uint8Array;
  readonly #next: () => Promise<ImageEvent | null>;
  /** The last read. Reads are serialized, because the stream and `skip` may read at the same time. */
  #lastRead: Promise<unknown> = Promise.resolve();
  #hasEnded = false;
  /** The state of the stream that was handed to the sink. */
  #reader: 'none' | 'reading' | 'finished' | 'abandoned' = 'none';
  /** Whether the image was cut off, is not base64 or is too large. */
  isInvalid = false;

  constructor(first: Uint8Array, next: () => Promise<ImageEvent | null>) {
    this.#first = first;
    this.#next = next;
  }

  get isBeingRead(): boolean {
    return this.#reader === 'reading';
  }

  get wasIgnored(): boolean {
    return this.#reader === 'none';
  }

  stream(): AsyncIterable<Uint8Array> {
    if (this.#reader !== 'none') return alreadyRead();
    this.#reader = 'reading';
    return this.#chunks();
  }

  async all(): Promise<readonly Uint8Array[]> {
    const chunks = [this.#first];
    for (let chunk = await this.#read(); chunk !== null; chunk = await this.#read()) chunks.push(chunk);
    return chunks;
  }

  /** Discards the bytes that have not been read. */
  async skip(): Promise<void> {
    if (this.isBeingRead) this.#reader = 'abandoned';
    while ((await this.#read()) !== null);
  }

  /** Requests the next chunk while the reader processes the current one. */
  async *#chunks(): AsyncGenerator<Uint8Array, void, void> {
    try {
      for (let chunk: Uint8Array | null = this.#first; chunk !== null;) {
        const next = this.#read();
        // A reader that continues gets the error below. One that stops must not cause an unhandledRejection.
        next.catch(() => undefined);
        yield chunk;
        chunk = await next;
        if (this.#reader === 'abandoned') throw new Error(NOT_AWAITED);
      }
      if (this.isInvalid) throw new Error('The image is not base64, or is too large');
    } finally {
      this.#reader = 'finished';
    }
  }

  #read(): Promise<Uint8Array | null> {
    const chunk = this.#lastRead.then(() => this.#readNext());
    this.#lastRead = chunk;
    return chunk;
  }

  async #readNext(): Promise<Uint8Array | null> {
    if (this.#hasEnded) return null;
    const event = await this.#next();
    if (event?.type === 'bytes') return event.bytes;
    this.#hasEnded = true;
    this.isInvalid = event?.type !== 'end' || event.text !== 'complete';
    return null;
  }
}

async function* alreadyRead(): AsyncGenerator<Uint8Array, void, void> {
  yield* [];
  throw new Error('The stream of an arriving image can be read only once');
}

/** Calls a sink. One that throws synchronously fails like one that rejects. */
export async function callSink(sink: Sink, image: ArrivingImage): Promise<void> {
  await sink(image);
}
