import { createHash } from 'node:crypto';
import { randomBytes } from '../support/random-bytes.ts';
import type { ResponseShape } from './task.ts';

/** A multiple of three, so that the base64 of chunks can be joined: 256 KiB of text. */
const CHUNK_BYTES = 192 * 1024;
const CHUNKS = 64;

const bytes = randomBytes(CHUNK_BYTES * CHUNKS);
const raw = Array.from({ length: CHUNKS }, (_, i) => bytes.subarray(i * CHUNK_BYTES, (i + 1) * CHUNK_BYTES));
const encoded = raw.map((chunk) => Buffer.from(chunk.toString('base64'), 'latin1'));

/** The chunks of the pool that make up an image. Each image begins with another one, so that mixed-up images show. */
function* chunksOf(image: number, megabytes: number): Iterable<{ index: number; length: number }> {
  const size = megabytes * 1024 * 1024;
  for (let i = 0, from = 0; from < size; i++, from += CHUNK_BYTES) {
    yield { index: (image * 5 + i) % CHUNKS, length: Math.min(CHUNK_BYTES, size - from) };
  }
}

function* base64Of(image: number, megabytes: number): Iterable<Buffer> {
  for (const { index, length } of chunksOf(image, megabytes)) {
    const chunk = encoded[index];
    if (length === CHUNK_BYTES && chunk !== undefined) yield chunk;
    else yield Buffer.from(raw[index]?.subarray(0, length).toString('base64') ?? '', 'latin1');
  }
}

/** The JSON of a response, in chunks that are built once and never copied. */
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
  for (const chunk of responseOf({ images, megabytes: 0 })) around += chunk.length;
  return around + images * text;
}

export function hashesOf({ images, megabytes }: ResponseShape): readonly string[] {
  return Array.from({ length: images }, (_, image) => {
    const hash = createHash('sha256');
    for (const { index, length } of chunksOf(image, megabytes)) hash.update(raw[index]?.subarray(0, length) ?? '');
    return hash.digest('hex');
  });
}
