import { wordsOf } from '../errors/safe-cause.ts';
import { WanImageError } from '../errors/wan-image-error.ts';
import { portableBase64 } from '../images/base64-codec.ts';
import { errorFromResponse, requestIdOf } from '../protocol/read-error.ts';
import {
  readEntry,
  readResponseEnd,
  unreadable,
  type EntryProblem,
  type ResponseFacts,
} from '../protocol/read-response.ts';
import type { ImageEvent, ImageScanner } from '../protocol/image-scanner.ts';
import { createResponseScanner } from '../protocol/response-scanner.ts';
import type { IncomingResponse, RawResponse, Session } from './call.ts';
import { DEFAULT_MAX_IMAGE_BYTES, MAX_JSON_BYTES, type ClientOptions } from './client-options.ts';
import { generatedImage, type GeneratedImage, type Held } from './generated-image.ts';
import { readErrorText } from './read-text.ts';

/** An image whose bytes are just arriving. */
export interface ArrivingImage {
  /** Its place in the reply, from 0. */
  readonly index: number;
  /**
   * The bytes as they arrive; can be read once. Whoever reads slowly slows down the connection, not the memory.
   * Throws where the image is cut or is not base64: what was written of it then is to be thrown away.
   */
  stream(): AsyncIterable<Uint8Array>;
}

/** Takes the bytes of each image of a base64 reply as they arrive, one image after the other; without it they wait in memory. */
export type Sink = (image: ArrivingImage) => Promise<unknown>;

export interface GenerationFacts extends ResponseFacts {
  readonly requestId: string | null;
  /** The record's id, when a history service answered. */
  readonly generationId: string | null;
  readonly raw: RawResponse;
}

/** Reads the reply to a generation: yields each image when it is whole, and returns the facts beside them. */
export async function* readGeneration(
  response: IncomingResponse,
  session: Session,
  options: ClientOptions,
  sink: Sink | undefined,
): AsyncGenerator<GeneratedImage, GenerationFacts, void> {
  if (response.status < 200 || response.status > 299) {
    const text = await readErrorText(response, session);
    session.replied(response, text);
    throw errorFromResponse(response, text, session.now());
  }
  const reader = new GenerationReader(response, session, options, sink);
  yield* reader.images();
  return reader.facts();
}

class GenerationReader {
  readonly #response: IncomingResponse;
  readonly #session: Session;
  readonly #options: ClientOptions;
  readonly #sink: Sink | undefined;
  readonly #maxImageBytes: number;
  readonly #scanner: ImageScanner;
  readonly #chunks: AsyncIterator<Uint8Array, unknown>;
  /** What the last chunk told, and how much of that has been looked at. */
  #events: readonly ImageEvent[] = [];
  #nextEvent = 0;
  /** Place of the next image. */
  #index = 0;
  #entries = 0;
  readonly #problems = new Map<number, EntryProblem>();
  /** What broke the body, if anything did: not to be taken for a failure of the sink that happened to read it. */
  #broken: { readonly cause: unknown } | null = null;
  /** The first failure of the sink. */
  #sinkFailure: { readonly cause: unknown } | null = null;
  /** Whether an image came that is neither with the sink nor under a URL. */
  #isMissing = false;

  constructor(response: IncomingResponse, session: Session, options: ClientOptions, sink: Sink | undefined) {
    this.#response = response;
    this.#session = session;
    this.#options = options;
    this.#sink = sink;
    this.#maxImageBytes = options.maxImageBytes ?? DEFAULT_MAX_IMAGE_BYTES;
    const decoder = new TextDecoder();
    this.#scanner = createResponseScanner({
      base64: options.base64 ?? portableBase64,
      decodeUtf8: (bytes) => decoder.decode(bytes),
      maxImageBytes: this.#maxImageBytes,
      maxJsonBytes: MAX_JSON_BYTES,
    });
    this.#chunks = response.body[Symbol.asyncIterator]();
  }

  async *images(): AsyncGenerator<GeneratedImage, void, void> {
    let held: Held = null;
    try {
      for (let event = await this.#next(); event !== null; event = await this.#next()) {
        if (event.type === 'bytes') held = await this.#take(event.bytes);
        if (event.type !== 'entry') continue;
        this.#entries++;
        const image = this.#imageOf(readEntry(event.json, event.text), held);
        if (image !== null) yield image;
        held = null;
      }
    } catch (cause) {
      const rescued = this.#rescue(held);
      if (rescued !== null) yield rescued;
      throw cause;
    }
    const rescued = this.#rescue(held);
    if (rescued !== null) yield rescued;
  }

  /** An image that is whole, though the rest of its entry did not come. */
  #rescue(held: Held): GeneratedImage | null {
    return held === null ? null : this.#imageOf({ url: null, hasBytes: true, revisedPrompt: null }, held);
  }

  facts(): GenerationFacts {
    const json = this.#scanner.end();
    const { headers } = this.#response;
    const raw = this.#session.replied(this.#response, json);
    if (this.#scanner.overflowed) {
      throw unreadable(this.#response, `has more than ${MAX_JSON_BYTES} bytes beside its images`);
    }
    const parts = { entries: this.#entries, images: this.#index, problems: this.#problems };
    const facts = readResponseEnd(
      this.#response,
      json,
      { ...parts, maxImageBytes: this.#maxImageBytes },
      this.#session.now(),
    );
    if (this.#isMissing) throw sinkFailed(this.#sinkFailure?.cause, this.#response);
    return { ...facts, raw, requestId: requestIdOf(headers), generationId: headers['x-generation-id'] ?? null };
  }

  async #next(): Promise<ImageEvent | null> {
    for (;;) {
      const event = this.#events[this.#nextEvent++];
      if (event) return event;
      // A sink may have been the one that saw it break.
      if (this.#broken !== null) throw this.#broken.cause;
      if (this.#scanner.overflowed || !(await this.#readOn())) return null;
    }
  }

  /** Takes the events of the next chunk. False at the end. */
  async #readOn(): Promise<boolean> {
    try {
      const { done, value } = await this.#chunks.next();
      this.#events = done ? [] : this.#scanner.push(value);
      this.#nextEvent = 0;
      return !done;
    } catch (cause) {
      this.#broken = { cause };
      throw cause;
    }
  }

  #imageOf(entry: ReturnType<typeof readEntry>, held: Held): GeneratedImage | null {
    if (entry === null) return null;
    const index = this.#index++;
    if (typeof entry === 'string') {
      this.#problems.set(index, entry);
      return null;
    }
    if (entry.url === null && held === null) {
      this.#isMissing = true;
      return null;
    }
    this.#session.progress.images++;
    return generatedImage(entry, index, held, this.#options);
  }

  /** Takes the bytes of the image that has begun, to its end. Null where they were none, or the sink did not take them. */
  async #take(first: Uint8Array): Promise<Held> {
    const arriving = new ArrivingBytes(first, () => this.#next());
    if (this.#sink === undefined) {
      const held = await arriving.all();
      return arriving.isWrong ? null : held;
    }
    const { limit, handedOut } = this.#session;
    // What a sink has begun to write cannot be taken back.
    handedOut();
    let failure: { readonly cause: unknown } | null = null;
    try {
      await limit.race(pour(this.#sink, { index: this.#index, stream: () => arriving.stream() }));
    } catch (cause) {
      if (limit.reason() !== null || this.#broken !== null) throw this.#broken?.cause ?? cause;
      failure = { cause };
    }
    if (arriving.isBeingRead) failure ??= { cause: new Error(NOT_AWAITED) };
    if (arriving.wasLeft) failure ??= { cause: new Error('the sink did not read the stream() of the image') };
    await arriving.skip();
    if (arriving.isWrong) return null;
    // An image that was none is no failure of the sink; one that was came, and is paid for.
    this.#sinkFailure ??= failure;
    this.#session.progress.lost ||= failure !== null;
    return failure === null ? 'sunk' : null;
  }
}

const NOT_AWAITED = 'the sink returned before it had read the image: await what it does';

/** The bytes of one image among the events of its reply. */
class ArrivingBytes {
  readonly #first: Uint8Array;
  readonly #next: () => Promise<ImageEvent | null>;
  #turn: Promise<unknown> = Promise.resolve();
  #ended = false;
  /** How far the stream that was given out has come. */
  #reading: 'not' | 'begun' | 'over' | 'given up' = 'not';
  isWrong = false;

  constructor(first: Uint8Array, next: () => Promise<ImageEvent | null>) {
    this.#first = first;
    this.#next = next;
  }

  get isBeingRead(): boolean {
    return this.#reading === 'begun';
  }

  get wasLeft(): boolean {
    return this.#reading === 'not';
  }

  stream(): AsyncIterable<Uint8Array> {
    if (this.#reading !== 'not') return alreadyRead();
    this.#reading = 'begun';
    return this.#pieces();
  }

  /** While the reader is busy with one piece, the next is already waited for. */
  async *#pieces(): AsyncGenerator<Uint8Array, void, void> {
    try {
      for (let piece: Uint8Array | null = this.#first; piece !== null;) {
        const next = this.#piece();
        // Whoever goes on sees it; whoever stops early does not have to.
        next.catch(() => undefined);
        yield piece;
        piece = await next;
        if (this.#reading === 'given up') throw new Error(NOT_AWAITED);
      }
      if (this.isWrong) throw new Error('The image is not base64, or is too large');
    } finally {
      this.#reading = 'over';
    }
  }

  async all(): Promise<readonly Uint8Array[]> {
    const pieces = [this.#first];
    for (let piece = await this.#piece(); piece !== null; piece = await this.#piece()) pieces.push(piece);
    return pieces;
  }

  /** What nobody reads any more. */
  async skip(): Promise<void> {
    if (this.isBeingRead) this.#reading = 'given up';
    while ((await this.#piece()) !== null);
  }

  /** One after the other, whoever asks. */
  #piece(): Promise<Uint8Array | null> {
    const piece = this.#turn.then(() => this.#take());
    this.#turn = piece;
    return piece;
  }

  async #take(): Promise<Uint8Array | null> {
    if (this.#ended) return null;
    const event = await this.#next();
    if (event?.type === 'bytes') return event.bytes;
    this.#ended = true;
    this.isWrong = event?.type !== 'end' || event.text !== 'complete';
    return null;
  }
}

async function* alreadyRead(): AsyncGenerator<Uint8Array, void, void> {
  yield* [];
  throw new Error('The stream of an arriving image can be read once');
}

/** A sink that throws at once, like one that rejects. */
async function pour(sink: Sink, image: ArrivingImage): Promise<void> {
  await sink(image);
}

function sinkFailed(cause: unknown, { status, headers, secrets = [] }: IncomingResponse): WanImageError {
  return new WanImageError(
    `Images came that the sink did not take, and that are lost: ${wordsOf(cause)}.`,
    { kind: 'sink_failed', fault: 'caller', outcome: 'billed', status, headers, requestId: requestIdOf(headers) },
    { cause, secrets },
  );
}
