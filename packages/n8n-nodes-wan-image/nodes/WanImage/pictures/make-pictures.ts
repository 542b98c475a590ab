import { isWanImageError, WanImageError, type GeneratedImage } from '@wan-image/core/portable';
import type { IBinaryData, IExecuteFunctions } from 'n8n-workflow';
import type { Connection } from '../host/connect.ts';
import { idempotencyKey } from '../host/idempotency-key.ts';
import type { Job } from '../image/job.ts';
import { inOrder } from '../run/in-order.ts';
import { fileNameOf } from './file-name.ts';
import { measurePicture, NOT_MEASURED, storePicture, type Measured, type StoredPicture } from './store-picture.ts';

/** A picture that was made and paid for. */
export interface Picture extends Measured {
  /** Its place in the reply, from 0. */
  readonly index: number;
  readonly url: string | null;
  readonly revisedPrompt: string | null;
  /** Null where only its URL was asked for. */
  readonly binary: IBinaryData | null;
  /** Why its bytes are not here, if they should be; else null. */
  readonly failure: unknown;
}

export interface Made {
  readonly pictures: readonly Picture[];
  /** Unix seconds. */
  readonly created: number | null;
  readonly requestId: string | null;
  readonly generationId: string | null;
  /** What did not go as asked, though pictures came. */
  readonly warning: string | null;
}

/** How many pictures of one request are fetched at once. */
const DOWNLOADS_AT_ONCE = 4;

/** How often a picture is fetched whose download broke off. It is paid for, and fetching it costs nothing. */
const DOWNLOAD_TRIES = 3;

/** What the measures of a picture behind a URL may take: they are no reason to wait long. */
const MEASURING_MS = 20_000;

/** Sends one request and fetches its pictures. What arrived of a reply that broke off is a result, because it is paid for. */
export async function makePictures(
  context: IExecuteFunctions,
  connection: Connection,
  job: Job,
  signal: AbortSignal | undefined,
): Promise<Made> {
  return new PictureMaker(context, connection, job, signal).make();
}

interface Reply extends Omit<Made, 'pictures'> {
  readonly images: readonly GeneratedImage[];
}

class PictureMaker {
  readonly #context: IExecuteFunctions;
  readonly #connection: Connection;
  readonly #job: Job;
  readonly #stop: { readonly signal?: AbortSignal };
  /** What the reply itself brought. */
  readonly #stored = new Map<number, StoredPicture>();

  constructor(context: IExecuteFunctions, connection: Connection, job: Job, signal: AbortSignal | undefined) {
    this.#context = context;
    this.#connection = connection;
    this.#job = job;
    this.#stop = signal === undefined ? {} : { signal };
  }

  async make(): Promise<Made> {
    const { images, ...reply } = await this.#reply();
    const pictures = await inOrder(images.length, DOWNLOADS_AT_ONCE, async (at) =>
      // There is one at each place.
      this.#picture(images[at] as GeneratedImage),
    );
    return { ...reply, pictures };
  }

  async #reply(): Promise<Reply> {
    try {
      const generation = await this.#send();
      return { ...generation, warning: this.#missing(generation.images.length) };
    } catch (error) {
      if (!isWanImageError(error) || error.images.length === 0 || error.kind === 'canceled') throw asError(error);
      const { images, message, requestId, headers } = error;
      return {
        images,
        created: null,
        requestId,
        generationId: headers['x-generation-id'] ?? null,
        warning: message,
      };
    }
  }

  async #send(): Promise<Omit<Reply, 'warning'>> {
    const { request, output, timeoutMs, maximumRetries, items } = this.#job;
    return this.#connection.client.generate(request, {
      ...this.#stop,
      timeoutMs,
      retry: { maxRetries: maximumRetries },
      idempotencyKey: await idempotencyKey(this.#context, items[0] ?? 0),
      ...(output === 'binary'
        ? { sink: async (image) => void this.#stored.set(image.index, await this.#store(image.index, image.stream())) }
        : {}),
    });
  }

  #missing(came: number): string | null {
    const { n, enable_sequential: isSet } = this.#job.request;
    if (isSet === true || typeof n !== 'number' || came >= n) return null;
    return `${came} of ${n} pictures came: the service left the others out, and bills what came.`;
  }

  async #picture(image: GeneratedImage): Promise<Picture> {
    const { index, url, revisedPrompt } = image;
    const facts = { index, url, revisedPrompt, failure: null };
    const stored = this.#stored.get(index);
    if (stored !== undefined) return { ...facts, ...stored };
    // Where a server sends bytes though a URL was asked for, they are all there is of what was paid for.
    if (this.#job.output === 'url' && !image.inline) {
      return { ...facts, ...(await this.#measured(image)), binary: null };
    }
    try {
      return { ...facts, ...(await this.#downloaded(image)) };
    } catch (failure) {
      return { ...facts, ...NOT_MEASURED, binary: null, failure };
    }
  }

  async #measured(image: GeneratedImage): Promise<Measured> {
    const options = { ...this.#stop, timeoutMs: MEASURING_MS, retry: { maxRetries: 0 } };
    // They are a courtesy: the URL is the result.
    return measurePicture(image.stream(options)).catch(() => NOT_MEASURED);
  }

  /** What fails before its first byte has been tried again by the client; what breaks later is tried again here. */
  async #downloaded(image: GeneratedImage): Promise<StoredPicture> {
    for (let attempt = 1; ; attempt++) {
      let hasBegun = false;
      const begun = (): void => void (hasBegun = true);
      try {
        return await this.#store(image.index, noticed(image.stream(this.#stop), begun));
      } catch (error) {
        const mayPass = hasBegun && isWanImageError(error) && error.retryable && !this.#stop.signal?.aborted;
        if (attempt === DOWNLOAD_TRIES || !mayPass) throw paidFor(error);
      }
    }
  }

  #store(index: number, chunks: AsyncIterable<Uint8Array>): Promise<StoredPicture> {
    const { prompt, model, seed = null } = this.#job.request;
    return storePicture(this.#context, this.#connection.streams, chunks, ({ format, width, height }) =>
      fileNameOf(this.#job.fileName, { prompt, model, seed, number: index + 1, width, height }, format),
    );
  }
}

async function* noticed(chunks: AsyncIterable<Uint8Array>, begun: () => void): AsyncIterable<Uint8Array> {
  for await (const chunk of chunks) {
    begun();
    yield chunk;
  }
}

/** What failed of a picture that was made: its download, or n8n's storage. */
function paidFor(error: unknown): WanImageError {
  if (isWanImageError(error)) return error;
  const { message } = asError(error);
  return new WanImageError(
    `The picture was made, but could not be kept: ${message.replace(/\.$/, '')}.`,
    { kind: 'sink_failed', fault: 'caller', outcome: 'billed' },
    { cause: error },
  );
}

/** For whoever turns it into an error of n8n. */
function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
