import { errorOfStore } from '../protocol/read-error.ts';
import { buildDownload } from '../protocol/build-request.ts';
import { WanImageError } from '../errors/wan-image-error.ts';
import { call, callOnce, type IncomingResponse, type CallOptions, type Session } from './call.ts';
import { concatenate } from './concatenate.ts';
import { DEFAULT_MAX_IMAGE_BYTES, type ClientOptions } from './client-options.ts';
import { readErrorText } from './read-text.ts';

export type DownloadOptions = Pick<CallOptions, 'signal' | 'timeoutMs' | 'retry'>;

/**
 * The bytes of a result image as they come. What fails before the first of them is tried again, as often as any request:
 * an image that was paid for is worth it, and a GET costs nothing.
 */
export async function* download(
  url: string,
  options: ClientOptions,
  downloadOptions: DownloadOptions,
): AsyncIterable<Uint8Array> {
  const most = options.maxImageBytes ?? DEFAULT_MAX_IMAGE_BYTES;
  yield* call(
    options,
    { request: buildDownload(url), body: null },
    (response, session) => read(response, session, most),
    downloadOptions,
  );
}

/** All bytes of a result image. What breaks in the middle is tried again too, because nobody has had any of it yet. */
export function downloadWhole(
  url: string,
  options: ClientOptions,
  downloadOptions: DownloadOptions,
): Promise<Uint8Array> {
  const most = options.maxImageBytes ?? DEFAULT_MAX_IMAGE_BYTES;
  async function* readWhole(response: IncomingResponse, session: Session): AsyncGenerator<never, Uint8Array, void> {
    yield* [];
    return concatenate(read(response, session, most));
  }
  return callOnce(options, { request: buildDownload(url), body: null }, readWhole, downloadOptions);
}

/** A URL that the caller has kept: where it is none, that is no fault of a server. */
export function downloadKept(
  url: string,
  options: ClientOptions,
  downloadOptions: DownloadOptions,
): AsyncIterable<Uint8Array> {
  if (typeof url === 'string' && /^https?:\/\//i.test(url) && URL.canParse(url)) {
    return download(url, options, downloadOptions);
  }
  throw new WanImageError('url must be an http(s) URL: that of an image, as it was answered.', {
    kind: 'invalid_request',
    fault: 'caller',
    outcome: 'not_billed',
    param: 'url',
  });
}

async function* read(
  response: IncomingResponse,
  session: Session,
  most: number,
): AsyncGenerator<Uint8Array, void, void> {
  if (response.status !== 200) throw errorOfStore(response, await readErrorText(response, session), session.now());
  let received = 0;
  for await (const chunk of response.body) {
    received += chunk.length;
    if (received > most) throw tooLarge(most);
    yield chunk;
  }
}

function tooLarge(most: number): WanImageError {
  return new WanImageError(`it is larger than ${most} bytes.`, {
    kind: 'unreadable_response',
    fault: 'caller',
    outcome: 'billed',
    remedy: 'raise_max_image_bytes',
    limit: most,
  });
}
