import { setTimeout as sleep } from 'node:timers/promises';
import { responseOf } from '../../http/error-response.ts';
import type { ResponseImage, StreamedResponse } from './response-stream.ts';
import { isResult } from './refusals.ts';
import { base64Of, revisedOf, text } from './write-response.ts';

/** The events of OpenAI's two routes. */
export type CompletedEvent = 'image_generation.completed' | 'image_edit.completed';

/** Interval of comments while no image arrives, so that no proxy closes an idle connection. */
const SILENCE_MS = 15_000;

/**
 * A response as OpenAI's event stream: an event for each image as soon as it is available. Throws what fails before the first chunk, so that
 * the client gets an ordinary error response; a later failure is an `error` event, or, in the middle of an image, thrown. The chunks share one
 * buffer, so each is valid only until the next.
 */
export async function* eventStream(
  event: CompletedEvent,
  responding: Promise<StreamedResponse>,
  silenceMs = SILENCE_MS,
): AsyncGenerator<Uint8Array, void, void> {
  const images = imagesOf(responding)[Symbol.asyncIterator]();
  let hasBegun = false;
  for (;;) {
    const next = images.next();
    // It may fail while this generator waits for its client.
    next.catch(() => undefined);
    let image: ResponseImage;
    try {
      for await (const comment of commentsUntil(next, silenceMs)) {
        hasBegun = true;
        yield comment;
      }
      const result = await next;
      if (result.done) return;
      image = result.value;
    } catch (error) {
      if (!hasBegun) throw error;
      yield text(`event: error\ndata: ${JSON.stringify(responseOf(error).body)}\n\n`);
      // Its connection must not look as if the client had got the result: a repetition gets the images.
      if (!isResult(error)) throw error;
      return;
    }
    hasBegun = true;
    yield* eventOf(event, image);
  }
}

async function* imagesOf(responding: Promise<StreamedResponse>): AsyncGenerator<ResponseImage, void, void> {
  yield* (await responding).images();
}

/** A comment at each interval until the promise is settled. */
async function* commentsUntil(promise: Promise<unknown>, silenceMs: number): AsyncGenerator<Uint8Array, void, void> {
  const settled = promise.then(
    () => true,
    () => true,
  );
  for (;;) {
    const waiting = new AbortController();
    const silence = sleep(silenceMs, false, { signal: waiting.signal }).catch(() => true);
    const isSettled = await Promise.race([settled, silence]);
    waiting.abort();
    if (isSettled) return;
    yield text(': still here\n\n');
  }
}

async function* eventOf(event: CompletedEvent, image: ResponseImage): AsyncGenerator<Uint8Array, void, void> {
  const facts = { type: event, created_at: Math.floor(Date.now() / 1000) };
  const before = `event: ${event}\ndata: `;
  if ('bytes' in image) {
    // Without its last brace, because the image and the rest follow.
    const lead = `${before}${JSON.stringify(facts).slice(0, -1)},"b64_json":"`;
    const rest = JSON.stringify(revisedOf(image)).slice(1);
    yield* base64Of(image.bytes(), lead, `"${rest === '}' ? '' : ','}${rest}\n\n`);
  } else {
    const url = image.url === null ? {} : { url: image.url };
    yield text(`${before}${JSON.stringify({ ...facts, ...url, ...revisedOf(image) })}\n\n`);
  }
}
