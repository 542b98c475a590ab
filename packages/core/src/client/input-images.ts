import { byteCountProblem, judgeImageBytes } from '../contract/input-image-rules.ts';
import { InputImage } from '../contract/input-image.ts';
import { MAX_INPUT_IMAGE_BYTES } from '../contract/limits.ts';
import type { Problem } from '../contract/problem.ts';
import { bytesSource, type ByteSource } from '../images/byte-source.ts';
import { joined } from './concatenate.ts';

/**
 * An input image: an http(s) URL, a data URI, or its bytes. A `Blob` (`fs.openAsBlob` makes one of a file) is read while it is sent;
 * an async iterable is read into memory first, because a request may have to be sent twice.
 */
export type ImageInput = string | Uint8Array | ArrayBuffer | Blob | AsyncIterable<Uint8Array>;

/** Bytes that are handed on at a time. */
const PIECE_BYTES = 768 * 1024;

/** A header that is longer, for its metadata, makes the whole image be read. */
const HEADER_BYTES = 256 * 1024;

export interface PreparedImages {
  /** The images in their order; what is no image is left for the schema to refuse. */
  readonly image: unknown;
  readonly problems: readonly Problem[];
}

/** Checks images that are given as bytes, one after the other: nine of them may be 180 MB. */
export async function prepareImages(given: unknown): Promise<PreparedImages> {
  if (!Array.isArray(given)) {
    const { image, problem } = await prepare(given, 'image');
    return { image, problems: problem === null ? [] : [{ param: 'image', message: problem }] };
  }
  const image: unknown[] = [];
  const problems: Problem[] = [];
  for (const [index, one] of given.entries()) {
    const param = `image[${index}]`;
    const prepared = await prepare(one, param);
    image.push(prepared.image);
    if (prepared.problem !== null) problems.push({ param, message: prepared.problem });
  }
  return { image, problems };
}

interface Prepared {
  readonly image: unknown;
  readonly problem: string | null;
}

async function prepare(given: unknown, name: string): Promise<Prepared> {
  if (given instanceof Uint8Array) return prepareBytes([given], name);
  if (given instanceof ArrayBuffer) return prepareBytes([new Uint8Array(given)], name);
  if (given instanceof Blob) return prepareBlob(given, name);
  if (isAsyncIterable(given)) return prepareIterable(given, name);
  return { image: given, problem: null };
}

async function prepareBytes(parts: readonly Uint8Array[], name: string): Promise<Prepared> {
  const size = parts.reduce((sum, part) => sum + part.length, 0);
  const tooLarge = byteCountProblem(size, name);
  if (tooLarge !== null) return { image: null, problem: tooLarge };
  const [only] = parts;
  const source = parts.length === 1 && only ? bytesSource(only) : bytesSource(joined(parts, size));
  return settled(source, name, async function* () {
    for (let from = 0; from < size; from += PIECE_BYTES) yield source.read(from, PIECE_BYTES);
  });
}

async function prepareBlob(blob: Blob, name: string): Promise<Prepared> {
  const tooLarge = byteCountProblem(blob.size, name);
  if (tooLarge !== null) return { image: null, problem: tooLarge };
  const piece = async (from: number, length: number): Promise<Uint8Array> =>
    new Uint8Array(await blob.slice(from, from + length).arrayBuffer());
  async function* pieces(): AsyncIterable<Uint8Array> {
    for (let from = 0; from < blob.size; from += PIECE_BYTES) yield piece(from, PIECE_BYTES);
  }
  try {
    const head = await piece(0, HEADER_BYTES);
    return settled(headSource(head, blob.size), name, pieces);
  } catch (cause) {
    if (!(cause instanceof BeyondHead)) throw cause;
    return settled(bytesSource(await piece(0, blob.size)), name, pieces);
  }
}

async function prepareIterable(given: AsyncIterable<unknown>, name: string): Promise<Prepared> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of given) {
    if (!(part instanceof Uint8Array))
      return { image: null, problem: `${name} must be an async iterable of Uint8Array.` };
    parts.push(part);
    size += part.length;
    // No need to read what is refused anyway.
    if (size > MAX_INPUT_IMAGE_BYTES) break;
  }
  return prepareBytes(parts, name);
}

function settled(source: ByteSource, name: string, chunks: () => AsyncIterable<Uint8Array>): Prepared {
  const judged = judgeImageBytes(source, name);
  if ('problem' in judged) return { image: null, problem: judged.problem };
  return { image: new InputImage(judged.mimeType, source.length, chunks), problem: null };
}

class BeyondHead extends Error {}

/** The beginning of an image of which not all has been read. */
function headSource(head: Uint8Array, length: number): ByteSource {
  return {
    length,
    read(offset, count) {
      if (Math.min(offset + count, length) > head.length) throw new BeyondHead();
      return head.subarray(offset, offset + count);
    },
  };
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}
