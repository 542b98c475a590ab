import { isWanImageError, WanImageError, type GeneratedImage } from '@wan-image/core/portable';
import type { IExecuteFunctions } from 'n8n-workflow';
import { asError } from '../errors/node-error.ts';
import type { Connection } from '../host/connect.ts';
import { idempotencyKey } from '../host/idempotency-key.ts';
import type { Job } from '../image/job.ts';
import { fileNameOf } from '../images/file-name.ts';
import type { Made, Image } from '../images/image.ts';
import { measureImage, NOT_MEASURED, storeImage, type Measured, type StoredInput } from '../images/store-image.ts';
import { inOrder } from './in-order.ts';
import { sentBefore } from './sent-before.ts';

/** How many images of one request are fetched at once. */
const DOWNLOADS_AT_ONCE = 4;

/** How often an image is fetched whose download broke off. It is paid for, and fetching it costs nothing. */
const DOWNLOAD_TRIES = 3;

/** Of an error that n8n would have the node repeat. */
const NOT_SENT_AGAIN = 'n8n ran the node again; because of this doubt it was not sent again.';

/** What the measures of an image behind a URL may take: they are no reason to wait long. */
const MEASURING_MS = 20_000;

/** Sends one request and fetches its images. What arrived of a reply that broke off is a result, because it is paid for. */
export async function makeImages(
  context: IExecuteFunctions,
  connection: Connection,
  job: Job,
  signal: AbortSignal | undefined,
): Promise<Made> {
  return new ImageMaker(context, connection, job, signal).make();
}

interface PartialResponse extends Omit<Made, 'images'> {
  readonly images: readonly GeneratedImage[];
  /** What of it is in n8n's storage, by its place. */
  readonly stored: Map<number, StoredInput>;
  /** Places of those that came with the reply, and that n8n could not store. */
  readonly lost: ReadonlyMap<number, unknown>;
}

class ImageMaker {
  readonly #context: IExecuteFunctions;
  readonly #connection: Connection;
  readonly #job: Job;
  readonly #stop: { readonly signal?: AbortSignal };

  constructor(context: IExecuteFunctions, connection: Connection, job: Job, signal: AbortSignal | undefined) {
    this.#context = context;
    this.#connection = connection;
    this.#job = job;
    this.#stop = signal === undefined ? {} : { signal };
  }

  async make(): Promise<Made> {
    const { images: generated, stored, lost, ...response } = await this.#respondOnce();
    const images = await inOrder(generated.length, DOWNLOADS_AT_ONCE, async (at) =>
      // There is one at each place.
      this.#image(generated[at] as GeneratedImage, stored),
    );
    const all = [...images, ...Array.from(lost, ([index, cause]) => lostImage(index, cause))];
    return { ...response, images: all.toSorted((one, other) => one.index - other.index) };
  }

  /**
   * Sends the request, unless an earlier try of the same run did, and it was paid for. What may have been paid for is sent again only
   * to a service that may know it by its key.
   */
  async #respondOnce(): Promise<PartialResponse> {
    const before = sentBefore<PartialResponse>(this.#context);
    const key = await idempotencyKey(this.#context, this.#job.items[0] ?? 0, this.#job.request);
    const sent = before.get(key);
    if (sent !== undefined && 'response' in sent) return sent.response;
    if (sent !== undefined && !this.#connection.mayHonourKeys) {
      throw sent.error.with({ message: `${sent.error.message} ${NOT_SENT_AGAIN}` });
    }
    try {
      const response = await this.#response(key);
      before.set(key, { response });
      return response;
    } catch (error) {
      if (isWanImageError(error) && error.outcome !== 'not_billed') before.set(key, { error });
      throw asError(error);
    }
  }

  async #response(key: string): Promise<PartialResponse> {
    const stored = new Map<number, StoredInput>();
    const lost = new Map<number, unknown>();
    const store = async ({ index, stream }: { index: number; stream: () => AsyncIterable<Uint8Array> }) => {
      const failed = (cause: unknown): never => {
        lost.set(index, cause);
        throw asError(cause);
      };
      stored.set(index, await this.#store(index, stream()).catch(failed));
    };
    const { request, output, timeoutMs, maximumRetries } = this.#job;
    try {
      const generation = await this.#connection.client.generate(request, {
        ...this.#stop,
        timeoutMs,
        retry: { maxRetries: maximumRetries },
        idempotencyKey: key,
        ...(output === 'binary' ? { sink: store } : {}),
      });
      return { ...generation, stored, lost, warning: this.#missing(generation.images.length) };
    } catch (error) {
      if (!isWanImageError(error) || error.images.length === 0 || error.kind === 'canceled') throw asError(error);
      const { kind, images, message, requestId, headers } = error;
      return {
        images,
        stored,
        // Where the reply broke off, what was cut did not fail for n8n's storage.
        lost: kind === 'sink_failed' ? lost : new Map(),
        created: null,
        requestId,
        generationId: headers['x-generation-id'] ?? null,
        warning: kind === 'sink_failed' ? null : message,
      };
    }
  }

  #missing(came: number): string | null {
    const { n, enable_sequential: isSet } = this.#job.request;
    if (isSet === true || typeof n !== 'number' || came >= n) return null;
    return `${came} of ${n} images came: the service left the others out, and bills what came.`;
  }

  async #image(image: GeneratedImage, stored: Map<number, StoredInput>): Promise<Image> {
    const { index, url, revisedPrompt } = image;
    const facts = { index, url, revisedPrompt, failure: null };
    const there = stored.get(index);
    if (there !== undefined) return { ...facts, ...there };
    // Where a server sends bytes though a URL was asked for, they are all there is of what was paid for.
    if (this.#job.output === 'url' && !image.inline) {
      return { ...facts, ...(await this.#measured(image)), binary: null };
    }
    try {
      const downloaded = await this.#downloaded(image);
      stored.set(index, downloaded);
      return { ...facts, ...downloaded };
    } catch (failure) {
      return { ...facts, ...NOT_MEASURED, binary: null, failure };
    }
  }

  async #measured(image: GeneratedImage): Promise<Measured> {
    const options = { ...this.#stop, timeoutMs: MEASURING_MS, retry: { maxRetries: 0 } };
    // They are a courtesy: the URL is the result.
    return measureImage(image.stream(options)).catch(() => NOT_MEASURED);
  }

  /** What fails before its first byte has been tried again by the client; what breaks later is tried again here. */
  async #downloaded(image: GeneratedImage): Promise<StoredInput> {
    for (let attempt = 1; ; attempt++) {
      let hasBegun = false;
      const begun = (): void => void (hasBegun = true);
      try {
        return await this.#store(image.index, noticed(this.#bytes(image), begun));
      } catch (error) {
        const isOver = this.#stop.signal?.aborted === true || (isWanImageError(error) && error.kind === 'timed_out');
        const mayPass = hasBegun && !isOver && isWanImageError(error) && error.retryable;
        if (attempt === DOWNLOAD_TRIES || !mayPass) throw paidFor(error);
      }
    }
  }

  /** By this try's way to the network: the reply may be of an earlier one. */
  #bytes(image: GeneratedImage): AsyncIterable<Uint8Array> {
    const options = { ...this.#stop, timeoutMs: this.#job.timeoutMs };
    const isHere = image.inline || image.url === null;
    return isHere ? image.stream(options) : this.#connection.client.download(image.url, options);
  }

  #store(index: number, chunks: AsyncIterable<Uint8Array>): Promise<StoredInput> {
    const { prompt, model, seed = null } = this.#job.request;
    return storeImage(this.#context, this.#connection.streams, chunks, ({ format, width, height }) =>
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

/** What failed of an image that was made: its download, or n8n's storage. */
function paidFor(error: unknown): WanImageError {
  if (isWanImageError(error)) return error;
  const { message } = asError(error);
  return new WanImageError(
    `The image was made, but could not be kept: ${message.replace(/\.$/, '')}.`,
    { kind: 'sink_failed', fault: 'caller', outcome: 'billed' },
    { cause: error },
  );
}

function lostImage(index: number, cause: unknown): Image {
  return { index, url: null, revisedPrompt: null, binary: null, ...NOT_MEASURED, failure: paidFor(cause) };
}
