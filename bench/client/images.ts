import { createHash } from 'node:crypto';
import { randomBytes } from '../support/random-bytes.ts';
import type { ResponseShape } from './task.ts';

/** A multiple of three, so that the base64 of each piece can stand beside the next: 256 KiB of text. */
const PIECE_BYTES = 192 * 1024;
const PIECES = 64;

const bytes = randomBytes(PIECE_BYTES * PIECES);
const raw = Array.from({ length: PIECES }, (_, i) => bytes.subarray(i * PIECE_BYTES, (i + 1) * PIECE_BYTES));
const encoded = raw.map((piece) => Buffer.from(piece.toString('base64'), 'latin1'));

/** The places in the pool of which an image is made: each begins with another, so that mixed up images show. */
function* placesOf(image: number, megabytes: number): Iterable<{ place: number; length: number }> {
  const size = megabytes * 1024 * 1024;
  for (let i = 0, from = 0; from < size; i++, from += PIECE_BYTES) {
    yield { place: (image * 5 + i) % PIECES, length: Math.min(PIECE_BYTES, size - from) };
  }
}

function* base64Of(image: number, megabytes: number): Iterable<Buffer> {
  for (const { place, length } of placesOf(image, megabytes)) {
    const piece = encoded[place];
    if (length === PIECE_BYTES && piece !== undefined) yield piece;
    else yield Buffer.from(raw[place]?.subarray(0, length).toString('base64') ?? '', 'latin1');
  }
}

/** The JSON of a reply, in pieces that are built once and never copied. */
export function* responseOf({ images, megabytes }: ResponseShape): Iterable<Buffer> {
  yield Buffer.from('{"created":1700000000,"data":[');
  for (let image = 0; image < images; image++) {
    yield Buffer.from(`${image === 0 ? '' : ','}{"b64_json":"`);
    yield* base64Of(image, megabytes);
    yield Buffer.from('"}');
  }
  yield Buffer.from(']}');
}

export function responseLength({ images, megabytes }: ResponseShape): number {
  const text = Math.ceil((megabytes * 1024 * 1024) / 3) * 4;
  let around = 0;
  for (const piece of responseOf({ images, megabytes: 0 })) around += piece.length;
  return around + images * text;
}

export function hashesOf({ images, megabytes }: ResponseShape): readonly string[] {
  return Array.from({ length: images }, (_, image) => {
    const hash = createHash('sha256');
    for (const { place, length } of placesOf(image, megabytes)) hash.update(raw[place]?.subarray(0, length) ?? '');
    return hash.digest('hex');
  });
}
