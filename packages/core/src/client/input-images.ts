import { byteCountProblem, dataUriProblem, inspectedImageProblem } from '../contract/input-image-rules.ts';
import { InputImage } from '../contract/input-image.ts';
import { MAX_INPUT_IMAGE_BYTES } from '../contract/limits.ts';
import type { Problem } from '../contract/problem.ts';
import { base64Source } from '../images/base64.ts';
import { bytesSource, type AsyncByteSource, type ByteSource } from '../images/byte-source.ts';
import { isDataUri, readDataUri } from '../images/data-uri.ts';
import { inspectImage, MIME_TYPES } from '../images/image-info.ts';
import { joinChunks } from './concatenate.ts';

/**
 * An input image: an http(s) URL, a data URI, or its bytes. A `Blob` (from a file: `fs.openAsBlob`) is read while it is sent. An async
 * iterable is read into memory first, because a request may have to be sent twice. JPEG, PNG without alpha, BMP or WEBP; at most
 * 20 MB; 240 to 8000 px per side; aspect ratio 1:8 to 8:1.
 */
export type ImageInput = string | Uint8Array | ArrayBuffer | Blob | AsyncIterable<Uint8Array>;

/** Size of the chunks in which an image is read, in bytes. */
const CHUNK_BYTES = 768 * 1024;

/** Lets other work run: the check of large data URIs takes too long for one turn of the event loop. */
export type Pause = () => Promise<void>;

export interface PreparedImages {
  /** The images in order. Other values are passed through, for the schema to refuse. */
  readonly image: unknown;
  readonly problems: readonly Problem[];
}

/** Checks images that are passed as bytes or as data URIs. One after the other: nine of them may have 180 MB. */
export async function prepareImages(input: unknown, pause: Pause): Promise<PreparedImages> {
  if (!Array.isArray(input)) {
    const { image, problem } = await prepare(input, 'image', pause);
    return { image, problems: problem === null ? [] : [{ param: 'image', message: problem }] };
  }
  const image: unknown[] = [];
  const problems: Problem[] = [];
  for (const [index, one] of input.entries()) {
    const param = `image[${index}]`;
    const prepared = await prepare(one, param, pause);
    image.push(prepared.image);
    if (prepared.problem !== null) problems.push({ param, message: prepared.problem });
  }
  return { image, problems };
}

interface Prepared {
  readonly image: unknown;
  readonly problem: string | null;
}

async function prepare(input: unknown, name: string, pause: Pause): Promise<Prepared> {
  if (typeof input === 'string' && isDataUri(input)) return prepareDataUri(input, name, pause);
  if (input instanceof Uint8Array) return prepareBytes([input], name);
  if (input instanceof ArrayBuffer) return prepareBytes([new Uint8Array(input)], name);
  if (input instanceof Blob) return prepareBlob(input, name);
  if (isAsyncIterable(input)) return prepareIterable(input, name);
  return { image: input, problem: null };
}

/** A checked data URI is sent as it is, without parameters. As an {@link InputImage}, so that the contract does not check it once more, in one go. */
async function prepareDataUri(text: string, name: string, pause: Pause): Promise<Prepared> {
  const steps = dataUriProblem(text, name);
  let step = steps.next();
  for (; !step.done; step = steps.next()) await pause();
  const uri = readDataUri(text);
  if (step.value !== null || uri === null) return { image: null, problem: step.value };
  const source = base64Source(uri.base64);
  return {
    image: new InputImage(
      uri.mimeType,
      source.length,
      () => chunksOf(source),
      `data:${uri.mimeType};base64,${uri.base64}`,
    ),
    problem: null,
  };
}

function prepareBytes(parts: readonly Uint8Array[], name: string): Promise<Prepared> {
  const size = parts.reduce((sum, part) => sum + part.length, 0);
  const [only] = parts;
  return judge(bytesSource(parts.length === 1 && only ? only : joinChunks(parts, size)), name);
}

function prepareBlob(blob: Blob, name: string): Promise<Prepared> {
  const read = async (from: number, length: number): Promise<Uint8Array> =>
    new Uint8Array(await blob.slice(from, from + length).arrayBuffer());
  return judge({ length: blob.size, read }, name);
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

async function judge(source: ByteSource | AsyncByteSource, name: string): Promise<Prepared> {
  const { length } = source;
  const tooLarge = byteCountProblem(length, name);
  if (tooLarge !== null) return { image: null, problem: tooLarge };
  const found = await inspectImage(source);
  const problem = inspectedImageProblem(found, name);
  if (problem !== null || found.format === null) return { image: null, problem };
  return { image: new InputImage(MIME_TYPES[found.format], length, () => chunksOf(source)), problem: null };
}

async function* chunksOf(source: ByteSource | AsyncByteSource): AsyncIterable<Uint8Array> {
  for (let from = 0; from < source.length; from += CHUNK_BYTES) yield source.read(from, CHUNK_BYTES);
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}
