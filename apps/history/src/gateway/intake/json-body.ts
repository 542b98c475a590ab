import { randomUUID } from 'node:crypto';
import {
  base64Problem,
  bufferBase64,
  createRequestScanner,
  dataUriHeaderProblem,
  RefusedImage,
  readDataUri,
  statedImageProblem,
  type ImageEvent,
  type ImageScanner,
} from '@wan-image/core';
import { ApiError, invalidRequest } from '../../domain/api-error.ts';
import { isNestedDeeper, MAX_NESTING } from '../../domain/nesting.ts';
import { refused, UNNAMED, type IncomingImages } from './incoming-images.ts';
import type { StoredInput } from './stored-input.ts';

/** The maximum size in bytes of a body without its images. */
export const MAX_TEXT_BYTES = 1024 * 1024;

const base64 = bufferBase64(Buffer);

/** Parses a JSON body. The data URIs in its `image` are written to disk as they arrive, and replaced by images. */
export function readJsonBody(chunks: AsyncIterable<Uint8Array>, images: IncomingImages): Promise<unknown> {
  return new JsonBodyReader(chunks, images).read();
}

class JsonBodyReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #images: IncomingImages;
  readonly #scanner: ImageScanner;
  /** Random, so that a client cannot put it into its body. */
  readonly #mark = randomUUID();
  readonly #stored = new Map<string, StoredInput | RefusedImage>();
  /** The events of the last chunk, and the index of the next one to handle. */
  #events: readonly ImageEvent[] = [];
  #nextEvent = 0;

  constructor(chunks: AsyncIterable<Uint8Array>, images: IncomingImages) {
    this.#chunks = chunks[Symbol.asyncIterator]();
    this.#images = images;
    this.#scanner = createRequestScanner({
      base64,
      decodeUtf8: (bytes) => new TextDecoder().decode(bytes),
      maxJsonBytes: MAX_TEXT_BYTES,
      placeholder: (index) => JSON.stringify(this.#nameOf(index)),
    });
  }

  async read(): Promise<unknown> {
    for (let event = await this.#next(); event !== null; event = await this.#next()) {
      if (event.type === 'begin') this.#stored.set(this.#nameOf(this.#stored.size), await this.#take(event.header));
    }
    if (this.#scanner.overflowed) throw tooMuchText();
    return this.#withImages(parse(this.#scanner.end()));
  }

  #nameOf(index: number): string {
    return `${this.#mark}-${index}`;
  }

  async #next(): Promise<ImageEvent | null> {
    for (;;) {
      const event = this.#events[this.#nextEvent++];
      if (event) return event;
      if (this.#scanner.overflowed) return null;
      const { done, value } = await this.#chunks.next();
      if (done) return null;
      this.#events = this.#scanner.push(value);
      this.#nextEvent = 0;
    }
  }

  async #take(header: string): Promise<StoredInput | RefusedImage> {
    const arriving = this.#arriving();
    const problem = dataUriHeaderProblem(header, UNNAMED);
    const uri = readDataUri(header);
    if (problem !== null || uri === null) {
      await drained(arriving.bytes);
      return refused(problem ?? '');
    }
    const { mimeType } = uri;
    const image = await this.#images.take(arriving.bytes, (source) => {
      const wrong = statedImageProblem(source, mimeType, UNNAMED);
      return wrong === null ? { mimeType } : { problem: wrong };
    });
    // Invalid base64 is reported first: nothing is known about the bytes it would decode to.
    return arriving.isBase64() ? image : refused(base64Problem(UNNAMED));
  }

  /** The bytes of the current image and, once they are read, whether they were valid base64. */
  #arriving(): { readonly bytes: AsyncIterable<Uint8Array>; readonly isBase64: () => boolean } {
    let isBase64 = false;
    const next = (): Promise<ImageEvent | null> => this.#next();
    async function* bytes(): AsyncIterable<Uint8Array> {
      for (let event = await next(); event !== null; event = await next()) {
        if (event.type === 'bytes') yield event.bytes;
        else {
          isBase64 = event.type === 'end' && event.text === 'complete';
          return;
        }
      }
    }
    return { bytes: bytes(), isBase64: () => isBase64 };
  }

  /** If a key occurs twice, the last one counts, so an image that was received may be unused. */
  #withImages(body: unknown): unknown {
    if (typeof body !== 'object' || body === null || !Object.hasOwn(body, 'image')) return body;
    const { image } = body as { readonly image: unknown };
    const imageOf = (value: unknown): unknown =>
      typeof value === 'string' ? (this.#stored.get(value) ?? value) : value;
    return { ...body, image: Array.isArray(image) ? image.map(imageOf) : imageOf(image) };
  }
}

function parse(text: string): unknown {
  if (text.trim() === '') throw invalidRequest('The body is empty: send a JSON object.', null);
  const body = parsed(text);
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body;
  for (const [name, value] of Object.entries(body)) if (isNestedDeeper(value)) throw tooDeep(name);
  return body;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw invalidRequest('The body is not valid JSON. Check for a missing quote, comma or brace.', null);
  }
}

function tooDeep(name: string): ApiError {
  const field = name.slice(0, 60);
  const message = `${field} nests arrays and objects more than ${MAX_NESTING} levels deep. Send it with fewer levels, or omit it.`;
  return invalidRequest(message, field);
}

async function drained(bytes: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _ of bytes);
}

export function tooMuchText(): ApiError {
  const message = `The body has more than 1 MiB (${MAX_TEXT_BYTES} bytes) besides its images. Send images in the field "image", as base64 data URIs or URLs, and shorten the rest.`;
  return new ApiError(message, { status: 413, type: 'invalid_request_error', code: 'invalid_request' });
}
