import { randomUUID } from 'node:crypto';
import {
  base64Problem,
  bufferBase64,
  createRequestScanner,
  dataUriHeaderProblem,
  emptyImageProblem,
  RefusedImage,
  readDataUri,
  type ImageEvent,
  type ImageScanner,
} from '@wan-image/core';
import { ApiError, invalidRequest } from '../../domain/api-error.ts';
import { checkJsonSize } from '../../domain/json-size.ts';
import { isNestedDeeper, MAX_NESTING } from '../../domain/nesting.ts';
import { decodeUtf8 } from '../../http/body-text.ts';
import { refused, UNNAMED, type IncomingImages } from './incoming-images.ts';
import type { StoredInput } from './stored-input.ts';

/** The maximum size in bytes of a body without its images. */
export const MAX_TEXT_BYTES = 1024 * 1024;

type ImageText = Extract<ImageEvent, { type: 'end' }>['text'];

const base64 = bufferBase64(Buffer);

/**
 * Parses a JSON body in UTF-8. The data URIs in it are written to disk as they arrive, and replaced by images, under whatever name they are:
 * the contract refuses those that are not in `image`. `charset` is the one that the request states, if any.
 */
export function readJsonBody(
  chunks: AsyncIterable<Uint8Array>,
  images: IncomingImages,
  charset: string | null = null,
): Promise<unknown> {
  return new JsonBodyReader(chunks, images, charset).read();
}

class JsonBodyReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #images: IncomingImages;
  readonly #charset: string | null;
  readonly #scanner: ImageScanner;
  /** Random, so that a client cannot put it into its body. */
  readonly #mark = randomUUID();
  readonly #stored = new Map<string, StoredInput | RefusedImage>();
  /** The events of the last chunk, and the index of the next one to handle. */
  #events: readonly ImageEvent[] = [];
  #nextEvent = 0;
  #isComplete = false;

  constructor(chunks: AsyncIterable<Uint8Array>, images: IncomingImages, charset: string | null) {
    this.#chunks = chunks[Symbol.asyncIterator]();
    this.#images = images;
    this.#charset = charset;
    this.#scanner = createRequestScanner({
      base64,
      // A part of the text may end within a character: only the whole is checked.
      decodeUtf8: (bytes) => (this.#isComplete ? decodeUtf8(bytes, this.#charset) : new TextDecoder().decode(bytes)),
      maxJsonBytes: MAX_TEXT_BYTES,
      placeholder: (index) => JSON.stringify(this.#nameOf(index)),
    });
  }

  async read(): Promise<unknown> {
    try {
      return await this.#read();
    } finally {
      // A body that is refused is not read to its end.
      await this.#chunks.return?.();
    }
  }

  async #read(): Promise<unknown> {
    for (let event = await this.#next(); event !== null; event = await this.#next()) {
      if (event.type === 'begin') this.#stored.set(this.#nameOf(this.#stored.size), await this.#take(event.header));
    }
    if (this.#scanner.overflowed) throw tooMuchText();
    this.#isComplete = true;
    const body = parse(this.#scanner.end());
    return this.#stored.size === 0 ? body : this.#withImages(body);
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
      checkJsonSize(this.#scanner);
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
    const image = await this.#images.take(arriving.bytes, mimeType);
    // Invalid base64 is reported first: nothing is known about the bytes it would decode to.
    const text = arriving.text();
    if (text === 'complete') return image;
    return refused(text === 'empty' ? emptyImageProblem(UNNAMED) : base64Problem(UNNAMED));
  }

  /** The bytes of the current image and, once they are read, what their text was; null if it did not end. */
  #arriving(): { readonly bytes: AsyncIterable<Uint8Array>; readonly text: () => ImageText | null } {
    let text: ImageText | null = null;
    const next = (): Promise<ImageEvent | null> => this.#next();
    async function* bytes(): AsyncIterable<Uint8Array> {
      for (let event = await next(); event !== null; event = await next()) {
        if (event.type === 'bytes') yield event.bytes;
        else {
          text = event.type === 'end' ? event.text : null;
          return;
        }
      }
    }
    return { bytes: bytes(), text: () => text };
  }

  /** If a key occurs twice, the last one counts, so an image that was received may be unused. */
  #withImages(value: unknown): unknown {
    if (typeof value === 'string') return this.#stored.get(value) ?? value;
    if (Array.isArray(value)) return value.map((inner) => this.#withImages(inner));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, this.#withImages(inner)]));
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

export function tooDeep(name: string): ApiError {
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
