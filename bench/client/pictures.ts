import { createHash } from 'node:crypto';
import { randomBytes } from '../support/random-bytes.ts';
import type { ReplyShape } from './task.ts';

/** A multiple of three, so that the base64 of each piece can stand beside the next: 256 KiB of text. */
const PIECE_BYTES = 192 * 1024;
const PIECES = 64;

const bytes = randomBytes(PIECE_BYTES * PIECES);
const raw = Array.from({ length: PIECES }, (_, i) => bytes.subarray(i * PIECE_BYTES, (i + 1) * PIECE_BYTES));
const encoded = raw.map((piece) => Buffer.from(piece.toString('base64'), 'latin1'));

/** The places in the pool of which a picture is made: each begins with another, so that mixed up pictures show. */
function* placesOf(picture: number, megabytes: number): Iterable<{ place: number; length: number }> {
  const size = megabytes * 1024 * 1024;
  for (let i = 0, from = 0; from < size; i++, from += PIECE_BYTES) {
    yield { place: (picture * 5 + i) % PIECES, length: Math.min(PIECE_BYTES, size - from) };
  }
}

function* base64Of(picture: number, megabytes: number): Iterable<Buffer> {
  for (const { place, length } of placesOf(picture, megabytes)) {
    const piece = encoded[place];
    if (length === PIECE_BYTES && piece !== undefined) yield piece;
    else yield Buffer.from(raw[place]?.subarray(0, length).toString('base64') ?? '', 'latin1');
  }
}

/** The JSON of a reply, in pieces that are built once and never copied. */
export function* replyOf({ pictures, megabytes }: ReplyShape): Iterable<Buffer> {
  yield Buffer.from('{"created":1700000000,"data":[');
  for (let picture = 0; picture < pictures; picture++) {
    yield Buffer.from(`${picture === 0 ? '' : ','}{"b64_json":"`);
    yield* base64Of(picture, megabytes);
    yield Buffer.from('"}');
  }
  yield Buffer.from(']}');
}

export function replyLength({ pictures, megabytes }: ReplyShape): number {
  const text = Math.ceil((megabytes * 1024 * 1024) / 3) * 4;
  let around = 0;
  for (const piece of replyOf({ pictures, megabytes: 0 })) around += piece.length;
  return around + pictures * text;
}

export function hashesOf({ pictures, megabytes }: ReplyShape): readonly string[] {
  return Array.from({ length: pictures }, (_, picture) => {
    const hash = createHash('sha256');
    for (const { place, length } of placesOf(picture, megabytes)) hash.update(raw[place]?.subarray(0, length) ?? '');
    return hash.digest('hex');
  });
}
