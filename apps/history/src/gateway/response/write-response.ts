import type { GenerationResponse } from '@wan-image/core';
import { checkpoint } from '../../telemetry/checkpoints.ts';
import type { StreamedResponse, ResponseImage } from './response-stream.ts';

/** Base64 encodes three bytes as four characters: a piece that is encoded separately must have a multiple of three bytes. */
const WORD_BYTES = 3;

/**
 * A response as the JSON of the contract. A response with URLs is small, so it is returned as an object. A response with bytes is streamed
 * once its first image is available; the chunks share one buffer, so each is valid only until the next. A failure midway aborts the
 * connection, so that the response never looks complete.
 */
export async function writeResponse(
  response: StreamedResponse,
): Promise<GenerationResponse | AsyncIterable<Uint8Array>> {
  const images = response.images()[Symbol.asyncIterator]();
  const data: GenerationResponse['data'][number][] = [];
  for (;;) {
    const next = await images.next();
    if (next.done) break;
    const image = next.value;
    if ('bytes' in image) return jsonOf(response, data, image, images);
    data.push({ ...(image.url === null ? {} : { url: image.url }), ...revisedOf(image) });
  }
  const { created, extra } = await response.facts();
  return { ...extra, created, data };
}

async function* jsonOf(
  response: StreamedResponse,
  before: readonly object[],
  first: ResponseImage,
  later: AsyncIterator<ResponseImage, unknown>,
): AsyncGenerator<Uint8Array, void, void> {
  let separator = '{"data":[';
  for (const entry of before) {
    yield text(separator + JSON.stringify(entry));
    separator = ',';
  }
  for (let image = first; ;) {
    yield* entryOf(image, separator);
    separator = ',';
    const next = await later.next();
    if (next.done) break;
    image = next.value;
  }
  const { created, extra } = await response.facts();
  // Without its first brace: the response already has one.
  yield text(`],${JSON.stringify({ ...extra, created }).slice(1)}`);
}

async function* entryOf(image: ResponseImage, separator: string): AsyncGenerator<Uint8Array, void, void> {
  const revised = JSON.stringify(revisedOf(image)).slice(1, -1);
  if (!('bytes' in image)) {
    const { url } = image;
    yield text(separator + JSON.stringify({ ...(url === null ? {} : { url }), ...revisedOf(image) }));
    return;
  }
  for await (const encoded of base64Of(
    image.bytes(),
    `${separator}{"b64_json":"`,
    `"${revised === '' ? '' : `,${revised}`}}`,
  )) {
    yield encoded;
    checkpoint('response begun');
  }
}

/** `before` is part of the first chunk, and `after` of the last: each chunk is a separate write. */
export async function* base64Of(
  bytes: AsyncIterable<Uint8Array>,
  before: string,
  after: string,
): AsyncGenerator<Uint8Array, void, void> {
  let rest = Buffer.alloc(0);
  let memory = Buffer.alloc(0);
  let used = 0;
  let lead = before;
  for await (const chunk of bytes) {
    if (used > 0) yield memory.subarray(0, used);
    const all = rest.length === 0 ? asBuffer(chunk) : Buffer.concat([rest, chunk]);
    const encodable = all.length - (all.length % WORD_BYTES);
    rest = Buffer.from(all.subarray(encodable));
    // Not held across the yield: V8 would promote a string that lives as long as a slow client needs to read it.
    const encoded = lead + all.toString('base64', 0, encodable);
    lead = '';
    if (memory.length < encoded.length) memory = Buffer.allocUnsafeSlow(encoded.length);
    used = memory.write(encoded, 'latin1');
  }
  // `after` may contain characters outside Latin-1.
  yield Buffer.concat([memory.subarray(0, used), text(lead + rest.toString('base64') + after)]);
}

function asBuffer({ buffer, byteOffset, length }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, length);
}

export function revisedOf({ revisedPrompt }: ResponseImage): { revised_prompt?: string } {
  return revisedPrompt === null ? {} : { revised_prompt: revisedPrompt };
}

export function text(json: string): Buffer {
  return Buffer.from(json, 'utf8');
}
