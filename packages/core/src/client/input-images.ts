import { byteCountProblem, judgeImageBytes } from '../contract/input-image-rules.ts';
import { InputImage } from '../contract/input-image.ts';
import { MAX_INPUT_IMAGE_BYTES } from '../contract/limits.ts';
import type { Problem } from '../contract/problem.ts';
import { bytesSource, type ByteSource } from '../images/byte-source.ts';
import { joinChunks } from './concatenate.ts';

/**
 * An input image: an http(s) URL, a data URI, or its bytes. A `Blob` (from a file: `fs.openAsBlob`) is read while it is sent. An async
 * iterable is read into memory first, because a request may have to be sent twice. JPEG, PNG without alpha, BMP or WEBP; at most
 * 20 MB; 240 to 8000 px per side; aspect ratio 1:8 to 8:1.
 */
export type ImageInput = string | Uint8Array | ArrayBuffer | Blob | AsyncIterable<Uint8Array>;

/** Size of the chunks in which an image is read, in bytes. */
const CHUNK_BYTES = 768 * 1024;

/** An image whose header is longer, because of metadata, is read completely. */
const HEADER_BYTES = 256 * 1024;

export interface PreparedImages {
  /** The images in order. Other values are passed through, for the schema to refuse. */
  readonly image: unknown;
  readonly problems: readonly Problem[];
}

/** Checks images that are passed as bytes. One after the other: nine of them may have 180 MB. */
export async function prepareImages(input: unknown): Promise<PreparedImages> {
  if (!Array.isArray(input)) {
    const { image, problem } = await prepare(input, 'image');
    return { image, problems: problem === null ? [] : [{ param: 'image', message: problem }] };
  }
  const image: unknown[] = [];
  const problems: Problem[] = [];
  for (const [index, one] of input.entries()) {
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

async function prepare(input: unknown, name: string): Promise<Prepared> {
  if (input instanceof Uint8Array) return prepareBytes([input], name);
  if (input instanceof ArrayBuffer) return prepareBytes([new Uint8Array(input)], name);
  if (input instanceof Blob) return prepareBlob(input, name);
  if (isAsyncIterable(input)) return prepareIterable(input, name);
  return { image: input, problem: null };
}

async function prepareBytes(parts: readonly Uint8Array[], name: string): Promise<Prepared> {
  const size = parts.reduce((sum, part) => sum + part.length, 0);
  const tooLarge = byteCountProblem(size, name);
  if (tooLarge !== null) return { image: null, problem: tooLarge };
  const [only] = parts;
  const source = parts.length === 1 && only ? bytesSource(only) : bytesSource(joinChunks(parts, size));
  return judge(source, name, async function* () {
    for (let from = 0; from < size; from += CHUNK_BYTES) yield source.read(from, CHUNK_BYTES);
  });
}

async function prepareBlob(blob: Blob, name: string): Promise<Prepared> {
  const tooLarge = byteCountProblem(blob.size, name);
  if (tooLarge !== null) return { image: null, problem: tooLarge };
  const read = async (from: number, length: number): Promise<Uint8Array> =>
    new Uint8Array(await blob.slice(from, from + length).arrayBuffer());
  async function* chunks(): AsyncIterable<Uint8Array> {
    for (let from = 0; from < blob.size; from += CHUNK_BYTES) yield read(from, CHUNK_BYTES);
  }
  try {
    const head = await read(0, HEADER_BYTES);
    return judge(headSource(head, blob.size), name, chunks);
  } catch (cause) {
    if (!(cause instanceof BeyondHead)) throw cause;
    return judge(bytesSource(await read(0, blob.size)), name, chunks);
  }
}

async function prepareIterable(input: AsyncIterable<unknown>, name: string): Promise<Prepared> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of input) {
    if (!(part instanceof Uint8Array))
      return { image: null, problem: `${name} must be an async iterable of Uint8Array.` };
    parts.push(part);
    size += part.length;
    // The image is refused anyway.
    if (size > MAX_INPUT_IMAGE_BYTES) break;
  }
  return prepareBytes(parts, name);
}

function judge(source: ByteSource, name: string, chunks: () => AsyncIterable<Uint8Array>): Prepared {
  const judged = judgeImageBytes(source, name);
  if ('problem' in judged) return { image: null, problem: judged.problem };
  return { image: new InputImage(judged.mimeType, source.length, chunks), problem: null };
}

class BeyondHead extends Error {}

/** The beginning of an image. Reading beyond it throws {@link BeyondHead}. */
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
