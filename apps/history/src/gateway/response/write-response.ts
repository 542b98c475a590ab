import type { GenerationResponse } from '@wan-image/core';
import { checkpoint } from '../../telemetry/checkpoints.ts';
import type { StreamedResponse, ResponseImage } from './response-stream.ts';

/** Base64 of three bytes is four characters: what is encoded by itself must be a multiple of three. */
const WORD_BYTES = 3;

/**
 * A response as the JSON of the contract. One with URLs is small: an object. One with bytes is streamed, from when its first image is
 * available; the chunks share one buffer, so each is valid until the next. A failure in the middle aborts the connection, so that the
 * response never looks complete.
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
  // The first brace of this object is that of the whole.
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

/** With what stands before and after it, in one piece with its first and its last: each piece is a write of its own. */
async function* base64Of(
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
    // Not kept beyond this line: a text that lives as long as a slow reader takes for it is taken for something that stays.
    const encoded = lead + all.toString('base64', 0, encodable);
    lead = '';
    if (memory.length < encoded.length) memory = Buffer.allocUnsafeSlow(encoded.length);
    used = memory.write(encoded, 'latin1');
  }
  // What stands after it may have letters beyond Latin 1.
  yield Buffer.concat([memory.subarray(0, used), text(lead + rest.toString('base64') + after)]);
}

function asBuffer({ buffer, byteOffset, length }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, length);
}

function revisedOf({ revisedPrompt }: ResponseImage): { revised_prompt?: string } {
  return revisedPrompt === null ? {} : { revised_prompt: revisedPrompt };
}

function text(json: string): Buffer {
  return Buffer.from(json, 'utf8');
}
