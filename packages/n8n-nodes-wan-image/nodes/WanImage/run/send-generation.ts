import {
  errorOfGeneration,
  isWanImageError,
  type GeneratedImage,
  type GenerationRecord,
  type GenerateRequest,
} from '@wan-image/core/portable';
import type { IExecuteFunctions } from 'n8n-workflow';
import { afterAnotherRequest } from '../errors/another-request.ts';
import { notStored } from '../errors/billed-failure.ts';
import { needsHistory } from '../errors/needs-history.ts';
import { asError } from '../errors/node-error.ts';
import type { Connection } from '../host/connect.ts';
import type { GenerationResult, RequestedImage } from '../images/generation-result.ts';
import type { Measured, StoredImage } from '../images/store-image.ts';
import { awaitGeneration } from './await-generation.ts';
import type { Cost } from './cost.ts';
import { earlierTries } from './earlier-tries.ts';
import type { GenerationPlan } from './generation-plan.ts';
import type { PaidRequest, PaidRequests } from './paid-requests.ts';
import { restoredImages } from './restored-images.ts';

const NOT_SENT_AGAIN =
  'n8n ran the node again, but the request was not sent again: only a history service is known to bill a repeated request once.';

/** A generation of one run of the node, and what it needs. */
export interface GenerationTask {
  readonly context: IExecuteFunctions;
  readonly connection: Connection;
  readonly plan: GenerationPlan;
  readonly paid: PaidRequests;
  /** The signal of the execution, if it has one. */
  readonly abort: { readonly signal?: AbortSignal };
}

export interface ReceivedResponse extends Omit<GenerationResult, 'images' | 'cost'> {
  readonly images: readonly GeneratedImage[];
  /** Undefined where it has to be asked for. */
  readonly cost?: Cost | null;
  /** Width and height of images that need not be read for it, by index. */
  readonly sizes?: ReadonlyMap<number, Measured>;
  /** The images that are in n8n's storage, by index. */
  readonly stored: Map<number, StoredImage>;
  /** Why n8n could not store an image that came in the response, by index. */
  readonly lost: ReadonlyMap<number, unknown>;
}

/** Stores an image that comes in the response. */
export type StoreImage = (index: number, chunks: AsyncIterable<Uint8Array>) => Promise<StoredImage>;

/** Sends the request of a generation, where none of the node's earlier tries did. */
export class GenerationSender {
  readonly #task: GenerationTask;
  readonly #store: StoreImage;

  constructor(task: GenerationTask, store: StoreImage) {
    this.#task = task;
    this.#store = store;
  }

  /**
   * Sends the request, unless an earlier try of the same run has its response, or the execution that this one retries. A request that
   * may have been billed is sent again by Retry On Fail only to a service that honours its key. A person who presses *Retry* has read
   * that it may have been billed, so then it is sent.
   */
  async sendOnce(key: string): Promise<ReceivedResponse> {
    const earlier = earlierTries<ReceivedResponse>(this.#task.context);
    const ending = earlier.get(key);
    if (ending !== undefined && 'response' in ending) return ending.response;
    if (ending !== undefined && !(await this.#task.connection.honoursKeys())) {
      const { summary } = ending.error;
      throw summary.endsWith(NOT_SENT_AGAIN)
        ? ending.error
        : ending.error.with({ summary: `${summary} ${NOT_SENT_AGAIN}` });
    }
    const before = ending?.error.attempts ?? 0;
    const restored = ending === undefined ? this.#task.paid.ofEarlierExecution(key) : null;
    try {
      const response = restored === null ? await this.#send(key) : this.#restored(restored);
      earlier.set(key, { response });
      return response;
    } catch (cause) {
      if (!isWanImageError(cause)) throw asError(cause);
      const error = afterAnotherRequest(cause);
      const all = error.with({ attempts: before + error.attempts });
      if (error.outcome !== 'not_billed') earlier.set(key, { error: all });
      throw all;
    }
  }

  #restored({ images, ...response }: PaidRequest): ReceivedResponse {
    const options = { hasFiles: this.#task.plan.output !== 'url' };
    return {
      ...response,
      images: restoredImages(
        this.#task.context,
        this.#task.connection,
        { images, generationId: response.generationId },
        options,
      ),
      stored: new Map(),
      lost: new Map(),
    };
  }

  async #send(key: string): Promise<ReceivedResponse> {
    const { isHistory, scopes } = await this.#task.connection.service();
    if (this.#task.plan.earlier !== null && !isHistory) throw needsHistory(this.#task.context);
    // Without the right to read, the response is all that the key gets to see.
    const waits = isHistory && scopes.includes('read');
    return waits || this.#task.plan.earlier !== null ? this.#enqueue(key) : this.#request(key);
  }

  /** The generation of a history service runs without this connection, which any proxy may close. */
  async #enqueue(key: string): Promise<ReceivedResponse> {
    const { request, earlier, timeoutMs, maximumRetries, cancels } = this.#task.plan;
    const { library } = this.#task.connection;
    const record = await awaitGeneration(
      this.#task.connection,
      (options) => {
        if (earlier?.use === 'existing') return library.get(earlier.id, options);
        // The service bills a key once, so that a request whose response was lost may be sent again.
        const retry = { maxRetries: maximumRetries, unknownOutcomes: true };
        const submitOptions = { ...options, idempotencyKey: key, retry };
        if (earlier !== null) return library.rerun(earlier.id, request, submitOptions);
        return library.submit(request as GenerateRequest, submitOptions);
      },
      { timeoutMs, signal: this.#task.abort.signal, cancels: cancels && earlier?.use !== 'existing' },
    );
    return this.#recorded(record);
  }

  #recorded(record: GenerationRecord): ReceivedResponse {
    const { images, cost, upstream, request } = record;
    if (images.length === 0) throw errorOfGeneration(record);
    const { earlier } = this.#task.plan;
    const { size, seed } = request as Partial<RequestedImage>;
    const sizes = images.flatMap(({ index, width, height }): [number, Measured][] =>
      width === null ? [] : [[index, { format: null, width, height }]],
    );
    return {
      images: images.filter(({ state }) => state !== 'deleted').map((image) => this.#recordedImage(record.id, image)),
      cost,
      sizes: new Map(sizes),
      stored: new Map(),
      lost: new Map(),
      created: Math.floor(Date.parse(record.created_at) / 1000),
      requestId: upstream.request_id,
      generationId: record.id,
      warning: record.error?.message ?? lostOf(images) ?? (earlier === null ? this.#missing(images.length) : null),
      requested: { prompt: record.prompt, model: record.model, size, seed },
    };
  }

  #recordedImage(
    generationId: string,
    { index, url, revised_prompt }: GenerationRecord['images'][number],
  ): GeneratedImage {
    const stream: GeneratedImage['stream'] = (options) =>
      this.#task.connection.download({ url: url ?? '', index, generationId }, options);
    const bytes = async (): Promise<Uint8Array> => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of stream()) chunks.push(chunk);
      return Buffer.concat(chunks);
    };
    return { index, url, revisedPrompt: revised_prompt, inline: false, stream, bytes };
  }

  async #request(key: string): Promise<ReceivedResponse> {
    const stored = new Map<number, StoredImage>();
    const lost = new Map<number, unknown>();
    const sink = async ({ index, stream }: { index: number; stream: () => AsyncIterable<Uint8Array> }) => {
      const failed = (cause: unknown): never => {
        lost.set(index, cause);
        throw asError(cause);
      };
      stored.set(index, await this.#store(index, stream()).catch(failed));
    };
    const { request, output, timeoutMs, maximumRetries } = this.#task.plan;
    try {
      const generation = await this.#task.connection.client.generate(request as GenerateRequest, {
        ...this.#task.abort,
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
    const { n, enable_sequential: isSet } = this.#task.plan.request;
    if (isSet === true || typeof n !== 'number' || received >= n) return null;
    return `The service returned ${received} of ${n} images and bills only those.`;
  }
}

function lostOf(images: GenerationRecord['images']): string | null {
  const { length } = images.filter(({ state }) => state === 'lost');
  return length === 0 ? null : `${length} of ${images.length} images are lost: the service could not store them.`;
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
