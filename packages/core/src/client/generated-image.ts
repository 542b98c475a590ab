import { base64ByteLength, decodeBase64 } from '../images/base64.ts';
import { WanImageError } from '../errors/wan-image-error.ts';
import type { ReplyImage } from '../protocol/read-reply.ts';
import { isTransportError } from '../transport/transport.ts';
import { DEFAULT_MAX_PICTURE_BYTES, DEFAULT_TIMEOUT_MS, type ClientOptions } from './client-options.ts';
import { startTimeLimit, type TimeLimit } from './time-limit.ts';

/** One picture that was made and paid for. */
export interface GeneratedImage {
  readonly index: number;
  /** Where it can be had, without any Authorization header; the vendor's URLs die after 24 hours. Null for a base64 reply. */
  readonly url: string | null;
  readonly base64: string | null;
  /** The prompt that was really used, where the model says. */
  readonly revisedPrompt: string | null;
  /** The bytes as they come: decoded, or downloaded. Throws a {@link WanImageError} with outcome `billed`. */
  stream(options?: { readonly signal?: AbortSignal }): AsyncIterable<Uint8Array>;
  bytes(options?: { readonly signal?: AbortSignal }): Promise<Uint8Array>;
}

/** Base64 characters decoded at a time; a multiple of four. */
const DECODE_STEP = 256 * 1024;

export function generatedImage(image: ReplyImage, index: number, options: ClientOptions): GeneratedImage {
  const stream: GeneratedImage['stream'] = ({ signal } = {}) =>
    image.base64 === null ? downloaded(image.url ?? '', options, signal) : decoded(image.base64);
  return { index, ...image, stream, bytes: async (given) => concatenate(stream(given)) };
}

async function* decoded(base64: string): AsyncIterable<Uint8Array> {
  if (base64ByteLength(base64) === 0) return;
  for (let from = 0; from < base64.length; from += DECODE_STEP) {
    yield decodeBase64(base64, from, Math.min(base64.length, from + DECODE_STEP));
  }
}

/** Without the Authorization header: result URLs are signed and may refuse one (ruling 14). */
export async function* downloaded(
  url: string,
  options: ClientOptions,
  signal: AbortSignal | undefined,
): AsyncIterable<Uint8Array> {
  const limit = startTimeLimit(options.clock, options.timeoutMs ?? DEFAULT_TIMEOUT_MS, signal);
  try {
    yield* cappedBody(url, options, limit);
  } catch (cause) {
    throw downloadError(cause, limit);
  } finally {
    limit.end();
  }
}

async function* cappedBody(url: string, options: ClientOptions, limit: TimeLimit): AsyncIterable<Uint8Array> {
  const transport = options.pictureTransport ?? options.transport;
  const { status, body } = await transport({ method: 'GET', url, headers: {}, body: null, signal: limit.signal });
  if (status !== 200) throw new DownloadProblem(`the server answered ${status}`);
  const most = options.maxPictureBytes ?? DEFAULT_MAX_PICTURE_BYTES;
  let received = 0;
  for await (const chunk of body) {
    received += chunk.length;
    if (received > most) throw new DownloadProblem(`it is larger than ${most} bytes`);
    yield chunk;
  }
}

class DownloadProblem extends Error {}

function downloadError(cause: unknown, limit: TimeLimit): WanImageError {
  const reason = limit.reason();
  const known = cause instanceof DownloadProblem || isTransportError(cause);
  const why = reason === 'timed_out' ? 'the time limit was over' : known ? cause.message : 'the download broke';
  return new WanImageError(
    `The picture was made, but could not be downloaded: ${why}. Its URL can be tried again until it dies, 24 hours after creation.`,
    { kind: reason ?? 'connection_lost', fault: 'network', outcome: 'billed' },
    { cause },
  );
}

async function concatenate(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    all.push(chunk);
    length += chunk.length;
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of all) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
