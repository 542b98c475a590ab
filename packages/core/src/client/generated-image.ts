import { WanImageError, type ArrivedImage } from '../errors/wan-image-error.ts';
import type { ResponseEntry } from '../protocol/read-response.ts';
import type { ClientOptions } from './client-options.ts';
import { concatenate } from './concatenate.ts';
import { download, downloadWhole, type DownloadOptions } from './download.ts';

/** One image that was made and paid for. */
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

/** Where the bytes of an image are that came in the reply: in memory, with the caller's sink, or nowhere. */
export type HeldBytes = readonly Uint8Array[] | 'delivered' | null;

export function generatedImage(
  entry: ResponseEntry,
  index: number,
  held: HeldBytes,
  options: ClientOptions,
): GeneratedImage {
  const { url, revisedPrompt, hasBytes } = entry;
  const stream: GeneratedImage['stream'] = (given = {}) => {
    if (hasBytes && held !== null && held !== 'delivered') return pieces(held);
    return url === null ? gone() : download(url, options, given);
  };
  const bytes: GeneratedImage['bytes'] = (given = {}) =>
    url !== null && !hasBytes ? downloadWhole(url, options, given) : concatenate(stream(given));
  return { index, url, inline: hasBytes, revisedPrompt, stream, bytes };
}

/** Copies: what is held stays whole, whatever a reader does with its pieces. */
async function* pieces(held: readonly Uint8Array[]): AsyncIterable<Uint8Array> {
  for (const piece of held) yield piece.slice();
}

async function* gone(): AsyncIterable<Uint8Array> {
  yield* [];
  throw new WanImageError('The bytes of this image went to the sink that was given, and are not kept twice.', {
    kind: 'invalid_request',
    fault: 'caller',
    outcome: 'billed',
    param: 'sink',
  });
}
