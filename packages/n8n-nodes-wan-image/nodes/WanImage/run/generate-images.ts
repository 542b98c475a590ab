import { isWanImageError, WanImageError, type GeneratedImage } from '@wan-image/core/portable';
import type { IExecuteFunctions } from 'n8n-workflow';
import { asError } from '../errors/node-error.ts';
import { costOf } from './cost.ts';
import type { Connection } from '../host/connect.ts';
import { idempotencyKey } from '../host/idempotency-key.ts';
import { fileNameOf } from '../images/file-name.ts';
import type { GenerationResult, ResultImage } from '../images/generation-result.ts';
import { measureImage, NOT_MEASURED, storeImage, type Measured, type StoredImage } from '../images/store-image.ts';
import { earlierTries } from './earlier-tries.ts';
import type { GenerationPlan } from './generation-plan.ts';
import { inOrder } from './in-order.ts';
import type { PaidImage, PaidRequest, PaidRequests } from './paid-requests.ts';
import { restoredImages } from './restored-images.ts';

/** Of one generation. */
const CONCURRENT_DOWNLOADS = 4;

/** For a download that breaks in the middle. The image is billed already, and downloading it again costs nothing. */
const DOWNLOAD_TRIES = 3;

const NOT_SENT_AGAIN =
  'n8n ran the node again, but the request was not sent again: only a history service is known to bill a repeated request once.';

/** For reading width and height of an image that stays at its URL: too little to wait long for. */
const MEASURE_TIMEOUT_MS = 20_000;

/**
 * Sends one request and stores its images in n8n. A response that broke off after some images is a result with a warning, because
 * those images are billed.
 */
export async function generateImages(
  context: IExecuteFunctions,
  connection: Connection,
  plan: GenerationPlan,
  paid: PaidRequests,
  signal: AbortSignal | undefined,
): Promise<GenerationResult> {
  return new ImageGeneration(context, connection, plan, paid, signal).run();
}

interface ReceivedResponse extends Omit<GenerationResult, 'images' | 'cost'> {
  readonly images: readonly GeneratedImage[];
  /** The images that are in n8n's storage, by index. */
  readonly stored: Map<number, StoredImage>;
  /** Why n8n could not store an image that came in the response, by index. */
  readonly lost: ReadonlyMap<number, unknown>;
}

class ImageGeneration {
  readonly #context: IExecuteFunctions;
  readonly #connection: Connection;
  readonly #plan: GenerationPlan;
  readonly #paid: PaidRequests;
  readonly #abort: { readonly signal?: AbortSignal };

  constructor(
    context: IExecuteFunctions,
    connection: Connection,
    plan: GenerationPlan,
    paid: PaidRequests,
    signal: AbortSignal | undefined,
  ) {
    this.#context = context;
    this.#connection = connection;
    this.#plan = plan;
    this.#paid = paid;
    this.#abort = signal === undefined ? {} : { signal };
  }

  async run(): Promise<GenerationResult> {
    const key = await this.#key();
    const { images: generated, stored, lost, ...response } = await this.#sendOnce(key);
    // Before the downloads, which may take long or fail.
    this.#paid.store(key, { ...response, images: generated.map((image) => paidImage(image, stored.get(image.index))) });
    const images = await inOrder(generated.length, CONCURRENT_DOWNLOADS, async (position) =>
      // inOrder stays within the length.
      this.#image(generated[position] as GeneratedImage, stored),
    );
    this.#paid.store(key, { ...response, images: images.map((image) => paidImage(image, stored.get(image.index))) });
    const all = [...images, ...Array.from(lost, ([index, cause]) => lostImage(index, cause))];
    const cost = await costOf(this.#connection, response.generationId, this.#abort);
    return { ...response, cost, images: all.toSorted((one, other) => one.index - other.index) };
  }

  #key(): Promise<string> {
    const [item = 0] = this.#plan.items;
    return idempotencyKey(this.#context, this.#paid.firstExecution, item, this.#plan.request);
  }

  /**
   * Sends the request, unless an earlier try of the same run has its response, or the execution that this one retries. A request that
   * may have been billed is sent again by Retry On Fail only to a service that honours its key. A person who presses *Retry* has read
   * that it may have been billed, so then it is sent.
   */
  async #sendOnce(key: string): Promise<ReceivedResponse> {
    const earlier = earlierTries<ReceivedResponse>(this.#context);
    const ending = earlier.get(key);
    if (ending !== undefined && 'response' in ending) return ending.response;
    if (ending !== undefined && !(await this.#connection.honoursKeys())) {
      const { summary } = ending.error;
      throw summary.endsWith(NOT_SENT_AGAIN)
        ? ending.error
        : ending.error.with({ summary: `${summary} ${NOT_SENT_AGAIN}` });
    }
    const before = ending?.error.attempts ?? 0;
    const restored = ending === undefined ? this.#paid.ofEarlierExecution(key) : null;
    try {
      const response = restored === null ? await this.#send(key) : this.#restored(restored);
      earlier.set(key, { response });
      return response;
    } catch (error) {
      if (!isWanImageError(error)) throw asError(error);
      const all = error.with({ attempts: before + error.attempts });
      if (error.outcome !== 'not_billed') earlier.set(key, { error: all });
      throw all;
    }
  }

  #restored({ images, ...response }: PaidRequest): ReceivedResponse {
    const options = { hasFiles: this.#plan.output !== 'url' };
    return {
      ...response,
      images: restoredImages(this.#context, this.#connection, images, options),
      stored: new Map(),
      lost: new Map(),
    };
  }

  async #send(key: string): Promise<ReceivedResponse> {
    const stored = new Map<number, StoredImage>();
    const lost = new Map<number, unknown>();
    const sink = async ({ index, stream }: { index: number; stream: () => AsyncIterable<Uint8Array> }) => {
      const failed = (cause: unknown): never => {
        lost.set(index, cause);
        throw asError(cause);
      };
      stored.set(index, await this.#store(index, stream()).catch(failed));
    };
    const { request, output, timeoutMs, maximumRetries } = this.#plan;
    try {
      const generation = await this.#connection.client.generate(request, {
        ...this.#abort,
        timeoutMs,
        retry: { maxRetries: maximumRetries },
        idempotencyKey: key,
        ...(output === 'binary' ? { sink } : {}),
      });
      return { ...generation, stored, lost, warning: this.#missing(generation.images.length) };
    } catch (error) {
      return brokenResponse(error, stored, lost);
    }
  }

  #missing(received: number): string | null {
    const { n, enable_sequential: isSet } = this.#plan.request;
    if (isSet === true || typeof n !== 'number' || received >= n) return null;
    return `The service returned ${received} of ${n} images and bills only those.`;
  }

  async #image(image: GeneratedImage, stored: Map<number, StoredImage>): Promise<ResultImage> {
    const { index, url, revisedPrompt } = image;
    const facts = { index, url, revisedPrompt, failure: null };
    const existing = stored.get(index);
    if (existing !== undefined) return { ...facts, ...existing };
    // A server may send bytes although URLs were requested. They are then all there is of a billed image, so they are stored.
    if (this.#plan.output === 'url' && !image.inline) {
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

  /** Best effort: the URL is the result, so a failed measurement must not fail the item. */
  async #measured(image: GeneratedImage): Promise<Measured> {
    const options = { ...this.#abort, timeoutMs: MEASURE_TIMEOUT_MS, retry: { maxRetries: 0 } };
    return measureImage(image.stream(options)).catch(() => NOT_MEASURED);
  }

  /** The client retries a download that fails before its first byte; one that breaks later is retried here. */
  async #downloaded(image: GeneratedImage): Promise<StoredImage> {
    for (let attempt = 1; ; attempt++) {
      let hasStarted = false;
      const onChunk = (): void => void (hasStarted = true);
      try {
        return await this.#store(image.index, observed(this.#bytes(image), onChunk));
      } catch (error) {
        const isOver = this.#abort.signal?.aborted === true || (isWanImageError(error) && error.kind === 'timed_out');
        const isRetryable = hasStarted && !isOver && isWanImageError(error) && error.retryable;
        if (attempt === DOWNLOAD_TRIES || !isRetryable) throw billedFailure(error);
      }
    }
  }

  /** Over the connection of this try: the response may be that of an earlier one. */
  #bytes(image: GeneratedImage): AsyncIterable<Uint8Array> {
    const options = { ...this.#abort, timeoutMs: this.#plan.timeoutMs };
    const hasBytes = image.inline || image.url === null;
    return hasBytes ? image.stream(options) : this.#connection.client.download(image.url, options);
  }

  #store(index: number, chunks: AsyncIterable<Uint8Array>): Promise<StoredImage> {
    const { prompt, model, seed = null } = this.#plan.request;
    return storeImage(this.#context, this.#connection.streams, chunks, ({ format, width, height }) =>
      fileNameOf(this.#plan.fileName, { prompt, model, seed, number: index + 1, width, height }, format),
    );
  }
}

/** What is kept of an image. Its bytes in memory, as n8n has them without a storage, only where nothing else has them. */
function paidImage(
  { index, url, revisedPrompt }: Pick<GeneratedImage, 'index' | 'url' | 'revisedPrompt'>,
  file?: StoredImage,
): PaidImage {
  const { format, width, height } = file ?? NOT_MEASURED;
  const isStored = file?.binary.id !== undefined || url === null;
  return { index, url, revisedPrompt, format, width, height, binary: isStored ? (file?.binary ?? null) : null };
}

/** The images of a failed request that had arrived. Without any, and after a cancel, it throws the error. */
function brokenResponse(
  error: unknown,
  stored: Map<number, StoredImage>,
  lost: ReadonlyMap<number, unknown>,
): ReceivedResponse {
  if (!isWanImageError(error) || error.kind === 'canceled') throw asError(error);
  const { kind, images, summary, requestId, headers } = error;
  const isUnstored = kind === 'sink_failed';
  if (images.length === 0) {
    throw isUnstored ? error.with({ summary: notStored('The images were', 'them', error.cause) }) : error;
  }
  return {
    images,
    stored,
    // Where the response itself broke, an image that was cut is not a failure of n8n's storage.
    lost: isUnstored ? lost : new Map(),
    created: null,
    requestId,
    generationId: headers['x-generation-id'] ?? null,
    warning: isUnstored ? null : summary,
  };
}

async function* observed(chunks: AsyncIterable<Uint8Array>, onChunk: () => void): AsyncIterable<Uint8Array> {
  for await (const chunk of chunks) {
    onChunk();
    yield chunk;
  }
}

function lostImage(index: number, cause: unknown): ResultImage {
  return { index, url: null, revisedPrompt: null, binary: null, ...NOT_MEASURED, failure: billedFailure(cause) };
}

/** The failure of a billed image: its download, or n8n's storage. */
function billedFailure(cause: unknown): WanImageError {
  if (isWanImageError(cause)) return cause;
  return new WanImageError(
    notStored('The image was', 'it', cause),
    { kind: 'sink_failed', fault: 'caller', outcome: 'billed' },
    { cause },
  );
}

function notStored(subject: string, object: string, cause: unknown): string {
  return `${subject} generated, but n8n could not store ${object}: ${asError(cause).message.replace(/\.$/, '')}.`;
}
