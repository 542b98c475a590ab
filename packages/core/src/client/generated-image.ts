import { WanImageError, type ArrivedImage } from '../errors/wan-image-error.ts';
import type { ReplyEntry } from '../protocol/read-reply.ts';
import type { ClientOptions } from './client-options.ts';
import { download, type DownloadOptions } from './download.ts';

/** One picture that was made and paid for. */
export interface GeneratedImage extends ArrivedImage {
  /** Its place in the reply, from 0. */
  readonly index: number;
  /** Where it can be had, without any Authorization header; the vendor's URLs die after 24 hours. Null for a base64 reply. */
  readonly url: string | null;
  /** Whether its bytes came in the reply; else they are downloaded. */
  readonly inline: boolean;
  /** The prompt that was really used, where the model says. */
  readonly revisedPrompt: string | null;
  /**
   * The bytes, in pieces: those that came in the reply, or downloaded as they come.
   * Throws a {@link WanImageError} with outcome `billed`. `writeFile(path, image.stream())` writes it to a file.
   */
  stream(options?: DownloadOptions): AsyncIterable<Uint8Array>;
  /** All bytes in one piece. */
  bytes(options?: DownloadOptions): Promise<Uint8Array>;
}

/** Where the bytes of a picture are that came in the reply: in memory, with the caller's sink, or nowhere. */
export type Held = readonly Uint8Array[] | 'sunk' | null;

export function generatedImage(entry: ReplyEntry, index: number, held: Held, options: ClientOptions): GeneratedImage {
  const { url, revisedPrompt, hasBytes } = entry;
  const stream: GeneratedImage['stream'] = (given = {}) => {
    if (hasBytes && held !== null && held !== 'sunk') return pieces(held);
    return url === null ? gone() : download(url, options, given);
  };
  return { index, url, inline: hasBytes, revisedPrompt, stream, bytes: (given) => concatenate(stream(given)) };
}

async function* pieces(held: readonly Uint8Array[]): AsyncIterable<Uint8Array> {
  yield* held;
}

async function* gone(): AsyncIterable<Uint8Array> {
  yield* [];
  throw new WanImageError('The bytes of this picture went to the sink that was given, and are not kept twice.', {
    kind: 'invalid_request',
    fault: 'caller',
    outcome: 'billed',
    param: 'sink',
  });
}

async function concatenate(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  let length = 0;
  for await (const piece of stream) {
    all.push(piece);
    length += piece.length;
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const piece of all) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}
