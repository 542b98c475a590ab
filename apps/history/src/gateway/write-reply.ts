import type { GenerationReply } from '@wan-image/core';
import { reached } from '../telemetry/points.ts';
import type { Answer, ReplyPicture } from './answer.ts';

/** Base64 of three bytes is four characters: what is encoded by itself must be a multiple of three. */
const WORD_BYTES = 3;

/**
 * An answer as the contract's JSON. One of URLs is small, and is whole. One with bytes comes in pieces, from when the first picture is
 * there, which may each come in the memory of the one before; a failure in the middle breaks it off, so that it never looks complete.
 */
export async function writeReply(answer: Answer): Promise<GenerationReply | AsyncIterable<Uint8Array>> {
  const pictures = answer.pictures()[Symbol.asyncIterator]();
  const data: GenerationReply['data'][number][] = [];
  for (;;) {
    const next = await pictures.next();
    if (next.done) break;
    const picture = next.value;
    if ('bytes' in picture) return jsonOf(answer, data, picture, pictures);
    data.push({ ...(picture.url === null ? {} : { url: picture.url }), ...revisedOf(picture) });
  }
  const { created, extra } = await answer.facts();
  return { ...extra, created, data };
}

async function* jsonOf(
  answer: Answer,
  before: readonly object[],
  first: ReplyPicture,
  later: AsyncIterator<ReplyPicture, unknown>,
): AsyncGenerator<Uint8Array, void, void> {
  let separator = '{"data":[';
  for (const entry of before) {
    yield text(separator + JSON.stringify(entry));
    separator = ',';
  }
  for (let picture = first; ;) {
    yield* entryOf(picture, separator);
    separator = ',';
    const next = await later.next();
    if (next.done) break;
    picture = next.value;
  }
  const { created, extra } = await answer.facts();
  // The first brace of this object is that of the whole.
  yield text(`],${JSON.stringify({ ...extra, created }).slice(1)}`);
}

async function* entryOf(picture: ReplyPicture, separator: string): AsyncGenerator<Uint8Array, void, void> {
  const revised = JSON.stringify(revisedOf(picture)).slice(1, -1);
  if (!('bytes' in picture)) {
    const { url } = picture;
    yield text(separator + JSON.stringify({ ...(url === null ? {} : { url }), ...revisedOf(picture) }));
    return;
  }
  for await (const piece of base64Of(
    picture.bytes(),
    `${separator}{"b64_json":"`,
    `"${revised === '' ? '' : `,${revised}`}}`,
  )) {
    yield piece;
    reached('answer begun');
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
    const whole = all.length - (all.length % WORD_BYTES);
    rest = Buffer.from(all.subarray(whole));
    // Not kept beyond this line: a text that lives as long as a slow reader takes for it is taken for something that stays.
    const piece = lead + all.toString('base64', 0, whole);
    lead = '';
    if (memory.length < piece.length) memory = Buffer.allocUnsafeSlow(piece.length);
    used = memory.write(piece, 'latin1');
  }
  // What stands after it may have letters beyond Latin 1.
  yield Buffer.concat([memory.subarray(0, used), text(lead + rest.toString('base64') + after)]);
}

function asBuffer({ buffer, byteOffset, length }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, length);
}

function revisedOf({ revisedPrompt }: ReplyPicture): { revised_prompt?: string } {
  return revisedPrompt === null ? {} : { revised_prompt: revisedPrompt };
}

function text(json: string): Buffer {
  return Buffer.from(json, 'utf8');
}
