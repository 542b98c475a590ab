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

/** Most bytes of a body beside its images. */
export const MAX_TEXT_BYTES = 1024 * 1024;

const base64 = bufferBase64(Buffer);

/** The value of a JSON body, with images in place of the data URIs in its `image`, which go to disk while they arrive. */
export function readJsonBody(chunks: AsyncIterable<Uint8Array>, images: IncomingImages): Promise<unknown> {
  return new JsonBodyReader(chunks, images).read();
}

class JsonBodyReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #images: IncomingImages;
  readonly #scanner: ImageScanner;
  /** Random, so that no client can have written it into its body. */
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
    // What is no base64 is told first: of what it would be, nothing is known.
    return arriving.isBase64() ? image : refused(base64Problem(UNNAMED));
  }

  /** The bytes of the image that has begun; once they are read, whether all of them were base64. */
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

  /** Of a key that comes twice the last counts, so not every image that came has a place. */
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
    throw invalidRequest('The body is not valid JSON: look for a missing quote, comma or brace.', null);
  }
}

function tooDeep(name: string): ApiError {
  const field = name.slice(0, 60);
  const message = `${field} has lists and objects nested more than ${MAX_NESTING} levels deep: send it with fewer levels, or leave it out.`;
  return invalidRequest(message, field);
}

async function drained(bytes: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _ of bytes);
}

export function tooMuchText(): ApiError {
  const message = `Beside its images the body has more than 1 MiB (${MAX_TEXT_BYTES} bytes): send images as "image", in base64 data URIs or as URLs, and less of all else.`;
  return new ApiError(message, { status: 413, type: 'invalid_request_error', code: 'invalid_request' });
}
