import { isWanImageError, type GeneratedImage } from '@wan-image/core/portable';
import { billedFailure } from '../errors/billed-failure.ts';
import { idempotencyKey } from '../host/idempotency-key.ts';
import { fileNameOf } from '../images/file-name.ts';
import type { GenerationResult, RequestedImage, ResultImage } from '../images/generation-result.ts';
import { measureImage, NOT_MEASURED, storeImage, type Measured, type StoredImage } from '../images/store-image.ts';
import { costOf } from './cost.ts';
import { inOrder } from './in-order.ts';
import type { PaidImage } from './paid-requests.ts';
import { GenerationSender, type GenerationTask, type ReceivedResponse } from './send-generation.ts';

/** Of one generation. */
const CONCURRENT_DOWNLOADS = 4;

/** For a download that breaks in the middle. The image is billed already, and downloading it again costs nothing. */
const DOWNLOAD_TRIES = 3;

/** For reading width and height of an image that stays at its URL: too little to wait long for. */
const MEASURE_TIMEOUT_MS = 20_000;

/**
 * Sends one request and stores its images in n8n. A response that broke off after some images is a result with a warning, because
 * those images are billed.
 */
export async function generateImages(task: GenerationTask): Promise<GenerationResult> {
  return new ImageGeneration(task).run();
}

class ImageGeneration {
  readonly #task: GenerationTask;

  constructor(task: GenerationTask) {
    this.#task = task;
  }

  async run(): Promise<GenerationResult> {
    const key = await this.#key();
    const sender = new GenerationSender(this.#task, (index, chunks) => this.#store(index, chunks));
    const received = await sender.sendOnce(key);
    const { images: generated, stored, lost, created, requestId, generationId, warning, requested } = received;
    const response = { created, requestId, generationId, warning, requested };
    const store = (images: readonly PaidFacts[]): void => {
      const paid = images.map((image) => paidImage(image, stored.get(image.index)));
      // The images of an earlier generation are not paid for here.
      if (this.#task.plan.earlier?.use !== 'existing') this.#task.paid.store(key, { ...response, images: paid });
    };
    // Before the downloads, which may take long or fail.
    store(generated);
    const images = await inOrder(generated.length, CONCURRENT_DOWNLOADS, async (position) =>
      // inOrder stays within the length.
      this.#image(generated[position] as GeneratedImage, received),
    );
    store(images);
    const all = [...images, ...Array.from(lost, ([index, cause]) => lostImage(index, cause))];
    const { cost = await costOf(this.#task.connection, generationId, this.#task.abort) } = received;
    return { ...response, cost, images: all.toSorted((one, other) => one.index - other.index) };
  }

  #key(): Promise<string> {
    const [item = 0] = this.#task.plan.items;
    const { request, earlier } = this.#task.plan;
    const { origin, parameters } = this.#task.paid;
    return idempotencyKey(this.#task.context, origin, item, { parameters, request: [request, earlier] });
  }

  async #image(image: GeneratedImage, received: ReceivedResponse): Promise<ResultImage> {
    const { stored, sizes } = received;
    const { index, url, revisedPrompt } = image;
    const facts = { index, url, revisedPrompt, failure: null };
    const existing = stored.get(index);
    if (existing !== undefined) return { ...facts, ...existing };
    // A server may send bytes although URLs were requested. They are then all there is of a billed image, so they are stored.
    if (this.#task.plan.output === 'url' && !image.inline) {
      return { ...facts, ...(sizes?.get(index) ?? (await this.#measured(image))), binary: null };
    }
    try {
      const downloaded = await this.#downloaded(image, received);
      stored.set(index, downloaded);
      return { ...facts, ...downloaded };
    } catch (failure) {
      return { ...facts, ...NOT_MEASURED, binary: null, failure };
    }
  }

  /** Best effort: the URL is the result, so a failed measurement must not fail the item. */
  async #measured(image: GeneratedImage): Promise<Measured> {
    const options = { ...this.#task.abort, timeoutMs: MEASURE_TIMEOUT_MS, retry: { maxRetries: 0 } };
    return measureImage(image.stream(options)).catch(() => NOT_MEASURED);
  }

  /** The client retries a download that fails before its first byte; one that breaks later is retried here. */
  async #downloaded(image: GeneratedImage, response: ReceivedResponse): Promise<StoredImage> {
    for (let attempt = 1; ; attempt++) {
      let hasStarted = false;
      const onChunk = (): void => void (hasStarted = true);
      try {
        return await this.#store(image.index, observed(this.#bytes(image, response), onChunk), response.requested);
      } catch (error) {
        const isOver =
          this.#task.abort.signal?.aborted === true || (isWanImageError(error) && error.kind === 'timed_out');
        const isRetryable = hasStarted && !isOver && isWanImageError(error) && error.retryable;
        if (attempt === DOWNLOAD_TRIES || !isRetryable) throw billedFailure(error);
      }
    }
  }

  /** Over the connection of this try: the response may be that of an earlier one. */
  #bytes(image: GeneratedImage, { generationId }: ReceivedResponse): AsyncIterable<Uint8Array> {
    const options = { ...this.#task.abort, timeoutMs: this.#task.plan.timeoutMs };
    const { url, index } = image;
    const hasBytes = image.inline || url === null;
    return hasBytes ? image.stream(options) : this.#task.connection.download({ url, index, generationId }, options);
  }

  #store(index: number, chunks: AsyncIterable<Uint8Array>, requested?: RequestedImage): Promise<StoredImage> {
    const { prompt = '', model = '', seed = null } = requested ?? this.#task.plan.request;
    return storeImage(this.#task.context, this.#task.connection.streams, chunks, ({ format, width, height }) =>
      fileNameOf(this.#task.plan.fileName, { prompt, model, seed, number: index + 1, width, height }, format),
    );
  }
}

type PaidFacts = Pick<GeneratedImage, 'index' | 'url' | 'revisedPrompt'>;

/** What is kept of an image. Its bytes in memory, as n8n has them without a storage, only where nothing else has them. */
function paidImage({ index, url, revisedPrompt }: PaidFacts, file?: StoredImage): PaidImage {
  const { format, width, height } = file ?? NOT_MEASURED;
  const isStored = file?.binary.id !== undefined || url === null;
  return { index, url, revisedPrompt, format, width, height, binary: isStored ? (file?.binary ?? null) : null };
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
