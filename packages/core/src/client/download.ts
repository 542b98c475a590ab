import { errorFromStorage } from '../protocol/read-error.ts';
import { buildDownload } from '../protocol/build-request.ts';
import { WanImageError } from '../errors/wan-image-error.ts';
import { call, callOnce } from './call.ts';
import type { RequestOptions } from './call-options.ts';
import { checkCallOptions } from './check-options.ts';
import { concatenate } from './concatenate.ts';
import { DEFAULT_MAX_IMAGE_BYTES, type ConnectionOptions } from './client-options.ts';
import { readErrorText } from './read-text.ts';
import type { IncomingResponse, Session } from './session.ts';

/** The options of a download. */
export interface DownloadOptions extends RequestOptions {}

/**
 * Downloads a result image and yields its bytes as they arrive. A failure before the first byte is retried like that of any request: the
 * image is paid for, and a GET costs nothing.
 */
export async function* download(
  url: string,
  options: ConnectionOptions,
  downloadOptions: DownloadOptions,
): AsyncIterable<Uint8Array> {
  const maxBytes = options.maxImageBytes ?? DEFAULT_MAX_IMAGE_BYTES;
  yield* call(
    options,
    { request: buildDownload(url), body: null },
    (response, session) => read(response, session, maxBytes),
    downloadOptions,
  );
}

/** Downloads all bytes of a result image. A failure in the middle is retried too, because no byte has been delivered yet. */
export function downloadWhole(
  url: string,
  options: ConnectionOptions,
  downloadOptions: DownloadOptions,
): Promise<Uint8Array> {
  const maxBytes = options.maxImageBytes ?? DEFAULT_MAX_IMAGE_BYTES;
  async function* readWhole(response: IncomingResponse, session: Session): AsyncGenerator<never, Uint8Array, void> {
    yield* [];
    return concatenate(read(response, session, maxBytes));
  }
  return callOnce(options, { request: buildDownload(url), body: null }, readWhole, downloadOptions);
}

/** Downloads a URL that the caller passes: an invalid one is an `invalid_request`, not a fault of the server. */
export function downloadFromUrl(
  url: string,
  options: ConnectionOptions,
  downloadOptions: DownloadOptions,
): AsyncIterable<Uint8Array> {
  checkCallOptions(downloadOptions);
  if (typeof url === 'string' && /^https?:\/\//i.test(url) && URL.canParse(url)) {
    return download(url, options, downloadOptions);
  }
  throw new WanImageError('url must be an http(s) URL: pass the url of an image of a response.', {
    kind: 'invalid_request',
    fault: 'caller',
    outcome: 'not_billed',
    param: 'url',
  });
}

async function* read(
  response: IncomingResponse,
  session: Session,
  maxBytes: number,
): AsyncGenerator<Uint8Array, void, void> {
  if (response.status !== 200) throw errorFromStorage(response, await readErrorText(response, session), session.now());
  let received = 0;
  for await (const chunk of response.body) {
    received += chunk.length;
    if (received > maxBytes) throw tooLarge(maxBytes);
    yield chunk;
  }
}

function tooLarge(maxBytes: number): WanImageError {
  return new WanImageError(`it is larger than ${maxBytes} bytes.`, {
    kind: 'unreadable_response',
    fault: 'caller',
    outcome: 'billed',
    remedy: 'raise_max_image_bytes',
    limit: maxBytes,
  });
}
