import { InputImage } from '../contract/input-image.ts';
import type { ClientRequest } from '../contract/request-types.ts';
import { isDataUri } from '../images/data-uri.ts';
import type { Base64Codec } from '../images/base64-codec.ts';
import type { RequestBody } from '../transport/transport.ts';

/** A request, or what replaces parameters of an earlier one. */
export interface BodyRequest {
  readonly image?: ClientRequest['image'] | null | undefined;
}

/** A part of a body: bytes, ASCII text that is encoded while it is sent, or an image. */
type Part = Uint8Array | string | InputImage;

/** Characters of a text that are encoded at a time. */
const STEP = 256 * 1024;

/** Bytes that are encoded at a time: a multiple of three, so that the base64 of the chunks can be joined. */
const ENCODED_BYTES = 192 * 1024;

/**
 * The JSON of a request, serialized while it is sent: images are encoded in chunks, so nine images of 20 MB never become one string.
 * `extra` has parameters of the vendor beyond the contract. It cannot override a parameter of the contract.
 */
export function generationBody(
  request: BodyRequest,
  extra: Readonly<Record<string, unknown>>,
  base64: Base64Codec,
): RequestBody {
  const parts = partsOf(request, extra);
  const length = parts.reduce((sum, part) => sum + lengthOf(part), 0);
  return {
    length,
    async *chunks() {
      for (const part of parts) yield* chunksOf(part, base64);
    },
  };
}

function partsOf(request: BodyRequest, extra: Readonly<Record<string, unknown>>): Part[] {
  const all = { ...extra, ...request };
  const { image, ...rest } = all;
  const encoder = new TextEncoder();
  if (image === undefined || image === null) return [encoder.encode(JSON.stringify(all))];
  const [open, close] = Array.isArray(image) ? ['[', ']'] : ['', ''];
  const images = Array.isArray(image) ? image : [image];
  const parts: Part[] = [encoder.encode(JSON.stringify({ ...rest, image: 0 }).slice(0, -2) + open)];
  images.forEach((input, index) => {
    const one = input instanceof InputImage ? (input.dataUri ?? input) : input;
    if (index > 0) parts.push(',');
    if (one instanceof InputImage) parts.push(`"data:${one.mimeType};base64,`, one, '"');
    // The contract has checked that a data URI contains no character that JSON would have to escape.
    else if (typeof one === 'string' && isDataUri(one)) parts.push('"', one, '"');
    else parts.push(encoder.encode(JSON.stringify(one)));
  });
  return [...parts, `${close}}`];
}

function lengthOf(part: Part): number {
  return part instanceof InputImage ? Math.ceil(part.size / 3) * 4 : part.length;
}

async function* chunksOf(part: Part, base64: Base64Codec): AsyncIterable<Uint8Array> {
  if (part instanceof InputImage) yield* encoded(part.chunks(), base64);
  else if (typeof part !== 'string') yield part;
  else {
    const encoder = new TextEncoder();
    for (let from = 0; from < part.length; from += STEP) yield encoder.encode(part.slice(from, from + STEP));
  }
}

/** Encodes chunks of any length. Bytes that do not fill a group of three wait for the next chunk. */
async function* encoded(chunks: AsyncIterable<Uint8Array>, base64: Base64Codec): AsyncIterable<Uint8Array> {
  let rest = new Uint8Array(0);
  for await (const chunk of chunks) {
    const missing = rest.length === 0 ? 0 : Math.min(3 - rest.length, chunk.length);
    rest = Uint8Array.of(...rest, ...chunk.subarray(0, missing));
    if (rest.length === 3) {
      yield base64.encode(rest);
      rest = new Uint8Array(0);
    }
    if (rest.length > 0) continue;
    const end = chunk.length - ((chunk.length - missing) % 3);
    for (let from = missing; from < end; from += ENCODED_BYTES) {
      yield base64.encode(chunk.subarray(from, Math.min(end, from + ENCODED_BYTES)));
    }
    rest = chunk.slice(end);
  }
  if (rest.length > 0) yield base64.encode(rest);
}
