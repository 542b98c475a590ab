import { WanImageError, type ArrivedImage } from '../errors/wan-image-error.ts';
import type { ResponseEntry } from '../protocol/read-response.ts';
import { checkCallOptions } from './check-options.ts';
import type { ConnectionOptions } from './client-options.ts';
import { concatenate } from './concatenate.ts';
import { download, downloadWhole, type DownloadOptions } from './download.ts';

/** An image that was generated and paid for. */
export interface GeneratedImage extends ArrivedImage {
  /** Its index in the response, from 0. */
  readonly index: number;
  /** Its URL, which needs no Authorization header. URLs of the vendor expire after 24 hours. Null in a base64 response. */
  readonly url: string | null;
  /** Whether the response contained its bytes; otherwise they are downloaded from `url`. */
  readonly inline: boolean;
  /** The prompt that was used; null if the model does not report it. */
  readonly revisedPrompt: string | null;
  /**
   * The bytes in chunks, from the response or downloaded as they arrive. Throws a {@link WanImageError} with outcome `billed`.
   * `writeFile(path, image.stream())` writes the image to a file.
   */
  stream(options?: DownloadOptions): AsyncIterable<Uint8Array>;
  /** All bytes. Throws like `stream`. */
  bytes(options?: DownloadOptions): Promise<Uint8Array>;
}

/** The bytes of an image that the response contained: in memory, delivered to the sink, or lost (null). */
export type HeldBytes = readonly Uint8Array[] | 'delivered' | null;

export function generatedImage(
  entry: ResponseEntry,
  index: number,
  held: HeldBytes,
  options: ConnectionOptions,
): GeneratedImage {
  const { url, revisedPrompt, hasBytes } = entry;
  const stream: GeneratedImage['stream'] = (downloadOptions = {}) => {
    checkCallOptions(downloadOptions);
    if (hasBytes && held !== null && held !== 'delivered') return chunksOf(held);
    return url === null ? delivered() : download(url, options, downloadOptions);
  };
  const bytes: GeneratedImage['bytes'] = async (downloadOptions = {}) => {
    checkCallOptions(downloadOptions);
    return url !== null && !hasBytes
      ? downloadWhole(url, options, downloadOptions)
      : concatenate(stream(downloadOptions));
  };
  return { index, url, inline: hasBytes, revisedPrompt, stream, bytes };
}

/** Yields copies, so that a reader that changes a chunk does not change the image. */
async function* chunksOf(held: readonly Uint8Array[]): AsyncIterable<Uint8Array> {
  for (const chunk of held) yield chunk.slice();
}

async function* delivered(): AsyncIterable<Uint8Array> {
  yield* [];
  throw new WanImageError('The bytes of this image were delivered to the sink and are not in memory.', {
    kind: 'invalid_request',
    fault: 'caller',
    outcome: 'billed',
    param: 'sink',
  });
}
