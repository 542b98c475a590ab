import { errorFromAnswer } from '../protocol/read-error.ts';
import { buildDownload } from '../protocol/build-request.ts';
import { WanImageError } from '../errors/wan-image-error.ts';
import { call, type Answer, type CallOptions, type Session } from './call.ts';
import { DEFAULT_MAX_PICTURE_BYTES, type ClientOptions } from './client-options.ts';
import { readText } from './read-text.ts';

export type DownloadOptions = Pick<CallOptions, 'signal' | 'timeoutMs' | 'retry'>;

/**
 * The bytes of a result picture as they come. What fails before the first of them is tried again, as often as any request:
 * a picture that was paid for is worth it, and a GET costs nothing.
 */
export async function* download(
  url: string,
  options: ClientOptions,
  downloadOptions: DownloadOptions,
): AsyncIterable<Uint8Array> {
  const most = options.maxPictureBytes ?? DEFAULT_MAX_PICTURE_BYTES;
  yield* call(
    options,
    { request: buildDownload(url), body: null },
    (answer, session) => read(answer, session, most),
    downloadOptions,
  );
}

async function* read(answer: Answer, session: Session, most: number): AsyncGenerator<Uint8Array, void, void> {
  if (answer.status !== 200) throw errorFromAnswer(answer, await readText(answer.body), session.now());
  let received = 0;
  for await (const chunk of answer.body) {
    received += chunk.length;
    if (received > most) throw tooLarge(most);
    yield chunk;
  }
}

function tooLarge(most: number): WanImageError {
  return new WanImageError(`It is larger than ${most} bytes: raise maxPictureBytes.`, {
    kind: 'unreadable_reply',
    fault: 'caller',
    outcome: 'billed',
  });
}
