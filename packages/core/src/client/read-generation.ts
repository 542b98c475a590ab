import { messageOf } from '../errors/safe-cause.ts';
import { WanImageError } from '../errors/wan-image-error.ts';
import { portableBase64 } from '../images/base64-codec.ts';
import { MAX_RESPONSE_IMAGES } from '../contract/limits.ts';
import { errorFromResponse, requestIdOf } from '../protocol/read-error.ts';
import {
  invalidImages,
  readEntry,
  readResponseEnd,
  unreadable,
  type EntryProblem,
  type ResponseFacts,
} from '../protocol/read-response.ts';
import type { ImageEvent, ImageScanner } from '../protocol/image-scanner.ts';
import { createResponseScanner } from '../protocol/response-scanner.ts';
import { ArrivingBytes, callSink, NOT_AWAITED, type Sink } from './arriving-image.ts';
import type { RawResponse } from './call-options.ts';
import { DEFAULT_MAX_IMAGE_BYTES, MAX_JSON_BYTES, type ConnectionOptions } from './client-options.ts';
import { generatedImage, type GeneratedImage, type HeldBytes } from './generated-image.ts';
import { readErrorText } from './read-text.ts';
import type { IncomingResponse, Session } from './session.ts';

/** A response without its images, and what its headers say. */
export interface GenerationFacts extends ResponseFacts {
  readonly requestId: string | null;
  /** The id of the record, if the server is a history service. */
  readonly generationId: string | null;
  /** Number of images beyond the maximum of one response, which were not read. */
  readonly omitted: number;
  readonly raw: RawResponse;
}

/** Reads the response of a generation: yields each image when it is complete, and returns the rest. */
export async function* readGeneration(
  response: IncomingResponse,
  session: Session,
  options: ConnectionOptions,
  sink: Sink | undefined,
): AsyncGenerator<GeneratedImage, GenerationFacts, void> {
  if (response.status < 200 || response.status > 299) {
    const text = await readErrorText(response, session);
    session.reportResponse(response, text);
    throw errorFromResponse(response, text, session.now());
  }
  const reader = new GenerationReader(response, session, options, sink);
  yield* reader.images();
  return reader.facts();
}

class GenerationReader {
  readonly #response: IncomingResponse;
  readonly #session: Session;
  readonly #options: ConnectionOptions;
  readonly #sink: Sink | undefined;
  readonly #maxImageBytes: number;
  readonly #scanner: ImageScanner;
  readonly #chunks: AsyncIterator<Uint8Array, unknown>;
  /** The events of the last chunk, and the index of the next one to process. */
  #events: readonly ImageEvent[] = [];
  #nextEvent = 0;
  /** Index of the next image. */
  #index = 0;
  #omitted = 0;
  #entries = 0;
  readonly #problems = new Map<number, EntryProblem>();
  /** The error that broke the body, which a sink that reads it may throw too. It is not a failure of the sink. */
  #bodyFailure: { readonly cause: unknown } | null = null;
  /** The first failure of the sink. */
  #sinkFailure: { readonly cause: unknown } | null = null;
  /** Whether an image arrived that the sink did not read and that has no URL. */
  #isMissing = false;

  constructor(response: IncomingResponse, session: Session, options: ConnectionOptions, sink: Sink | undefined) {
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
    let held: HeldBytes = null;
    try {
      for (let event = await this.#next(); event !== null; event = await this.#next()) {
        if (event.type === 'bytes') held = (await this.#receive(event.bytes)) ?? held;
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

  /** Delivers an image that is complete although the rest of its entry did not arrive. */
  #rescue(held: HeldBytes): GeneratedImage | null {
    return held === null ? null : this.#imageOf({ url: null, hasBytes: true, revisedPrompt: null }, held);
  }

  facts(): GenerationFacts {
    const json = this.#scanner.end();
    const { headers } = this.#response;
    const raw = this.#session.reportResponse(this.#response, json);
    const parts = {
      entries: this.#entries,
      images: this.#index,
      problems: this.#problems,
      maxImageBytes: this.#maxImageBytes,
    };
    if (this.#scanner.overflowed) {
      throw this.#problems.size > 0
        ? invalidImages(this.#response, parts)
        : unreadable(this.#response, `has more than ${MAX_JSON_BYTES} bytes in addition to its images`);
    }
    const facts = readResponseEnd(this.#response, json, parts, this.#session.now());
    if (this.#isMissing) throw sinkFailed(this.#sinkFailure?.cause, this.#response);
    const omitted = this.#omitted;
    return {
      ...facts,
      omitted,
      raw,
      requestId: requestIdOf(headers),
      generationId: headers['x-generation-id'] ?? null,
    };
  }

  async #next(): Promise<ImageEvent | null> {
    for (;;) {
      const event = this.#events[this.#nextEvent++];
      if (event) return event;
      // The failure may have occurred while the sink was reading.
      if (this.#bodyFailure !== null) throw this.#bodyFailure.cause;
      if (this.#scanner.overflowed || !(await this.#readChunk())) return null;
    }
  }

  /** Reads the events of the next chunk. False at the end of the body. */
  async #readChunk(): Promise<boolean> {
    try {
      const { done, value } = await this.#chunks.next();
      this.#events = done ? [] : this.#scanner.push(value);
      this.#nextEvent = 0;
      return !done;
    } catch (cause) {
      this.#bodyFailure = { cause };
      throw cause;
    }
  }

  #imageOf(entry: ReturnType<typeof readEntry>, held: HeldBytes): GeneratedImage | null {
    if (entry === null) return null;
    if (this.#index >= MAX_RESPONSE_IMAGES) {
      this.#omitted++;
      return null;
    }
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
    const url = entry.url && absoluteUrl(entry.url, this.#options.baseUrl);
    return generatedImage({ ...entry, url }, index, held, this.#options);
  }

  /** Reads the image that has begun to its end. Null if it is invalid, or the sink failed. */
  async #receive(first: Uint8Array): Promise<HeldBytes> {
    const arriving = new ArrivingBytes(first, () => this.#next());
    if (this.#index >= MAX_RESPONSE_IMAGES) {
      await arriving.skip();
      return arriving.isInvalid ? null : [];
    }
    if (this.#sink === undefined) {
      const held = await arriving.all();
      return arriving.isInvalid ? null : held;
    }
    const { limit, markDelivered, progress } = this.#session;
    // What a sink has begun to write cannot be undone.
    markDelivered();
    let failure: { readonly cause: unknown } | null = null;
    try {
      await limit.race(callSink(this.#sink, { index: this.#index, stream: () => arriving.stream() }));
    } catch (cause) {
      if (limit.reason !== null || this.#bodyFailure !== null) throw this.#bodyFailure?.cause ?? cause;
      failure = { cause };
    }
    if (arriving.isBeingRead) failure ??= { cause: new Error(NOT_AWAITED) };
    if (arriving.wasIgnored) failure ??= { cause: new Error('the sink did not read the stream() of the image') };
    await arriving.skip();
    if (arriving.isInvalid) return null;
    // An invalid image is not a failure of the sink. A valid one that the sink did not read is paid for and lost.
    this.#sinkFailure ??= failure;
    progress.hasLostImages ||= failure !== null;
    return failure === null ? 'delivered' : null;
  }
}

/** Some hosts send the path of an image alone. */
function absoluteUrl(url: string, baseUrl: string): string {
  return URL.canParse(url) || !URL.canParse(url, baseUrl) ? url : new URL(url, baseUrl).href;
}

function sinkFailed(cause: unknown, { status, headers, secrets = [] }: IncomingResponse): WanImageError {
  return new WanImageError(
    `Images came that the sink did not take, and that are lost: ${messageOf(cause)}.`,
    { kind: 'sink_failed', fault: 'caller', outcome: 'billed', status, headers, requestId: requestIdOf(headers) },
    { cause, secrets },
  );
}
