import type { ClientRequest, GenerationRequest } from '../contract/generation-request.ts';
import { modelList, type ModelList } from '../contract/models.ts';
import { isWanImageError } from '../errors/wan-image-error.ts';
import { buildGenerationRequest, buildGet } from '../protocol/build-request.ts';
import { call, type CallResult, type CallOptions, type RawResponse } from './call.ts';
import { callJson } from './call-json.ts';
import { checkCallOptions, checkOptions } from './check-options.ts';
import type { ClientOptions } from './client-options.ts';
import { downloadFromUrl, type DownloadOptions } from './download.ts';
import type { GeneratedImage } from './generated-image.ts';
import { definedOnly } from './defined-only.ts';
import { prepareBody, prepareRequest, type GenerateInput, type PreparedRequest } from './prepare-request.ts';
import { readGeneration, type GenerationFacts, type Sink } from './read-generation.ts';

export interface GenerateOptions extends CallOptions {
  /** Sent as `Idempotency-Key`. Default: a new one for each call, kept across its retries. */
  readonly idempotencyKey?: string;
  readonly sink?: Sink;
}

/** What a reply says beside its images. */
export interface GenerationSummary {
  /** Unix seconds: when the upstream began to work; null where it did not say. */
  readonly created: number | null;
  readonly requestId: string | null;
  /** The record's id, when a history service answered. */
  readonly generationId: string | null;
  readonly status: number;
  /** How often the request reached out for the server. */
  readonly attempts: number;
  /** Keys of the reply beyond the contract. */
  readonly extra: Readonly<Record<string, unknown>>;
  readonly raw: RawResponse;
}

export interface Generation extends GenerationSummary {
  /** In the server's order; may be fewer than were asked for. */
  readonly images: readonly GeneratedImage[];
}

export interface Client {
  /**
   * Makes or edits images. Throws a {@link WanImageError}, with `outcome` saying whether it was billed
   * and `images` holding what had arrived.
   */
  generate(input: GenerateInput, options?: GenerateOptions): Promise<Generation>;
  /**
   * Like `generate`, but yields each image when it is whole, while later ones are still arriving, and keeps none.
   * The request leaves when the first is asked for; whoever stops asking cancels the rest. Returns the summary at its end.
   */
  stream(input: GenerateInput, options?: GenerateOptions): AsyncGenerator<GeneratedImage, GenerationSummary, void>;
  /** Like `generate`, for a request that the contract's schema has already accepted. */
  send(
    request: GenerationRequest | ClientRequest,
    extra: Readonly<Record<string, unknown>>,
    options?: GenerateOptions,
  ): Promise<Generation>;
  /** Like `stream`, for a request that the contract's schema has already accepted. */
  sendStream(
    request: GenerationRequest | ClientRequest,
    extra: Readonly<Record<string, unknown>>,
    options?: GenerateOptions,
  ): AsyncGenerator<GeneratedImage, GenerationSummary, void>;
  /** The bytes of a result image as they arrive, fetched without the Authorization header; for a URL that was kept. */
  download(url: string, options?: DownloadOptions): AsyncIterable<Uint8Array>;
  /** The models that the key may use. */
  models(options?: CallOptions): Promise<ModelList>;
}

export function createClient(options: ClientOptions): Client {
  checkOptions(options);
  return {
    generate: (input, generateOptions) => collect(stream(options, () => prepareRequest(input), generateOptions)),
    stream: (input, generateOptions) => stream(options, () => prepareRequest(input), generateOptions),
    send: (request, extra, generateOptions) =>
      collect(stream(options, async () => ({ request, extra }), generateOptions)),
    sendStream: (request, extra, generateOptions) => stream(options, async () => ({ request, extra }), generateOptions),
    download: (url, downloadOptions = {}) => downloadFromUrl(url, options, downloadOptions),
    models: (callOptions) =>
      callJson(options, { request: buildGet('models', '/v1/models'), body: null }, modelList, callOptions),
  };
}

async function* stream(
  options: ClientOptions,
  prepare: () => Promise<PreparedRequest>,
  { idempotencyKey, sink, ...callOptions }: GenerateOptions = {},
): AsyncGenerator<GeneratedImage, GenerationSummary, void> {
  checkCallOptions({ ...callOptions, ...definedOnly({ idempotencyKey, sink }) });
  const body = await prepareBody(options, prepare, sink !== undefined);
  const outgoing = { request: buildGenerationRequest(idempotencyKey ?? options.newIdempotencyKey()), body };
  const calling = call(
    options,
    outgoing,
    (response, session) => readGeneration(response, session, options, sink),
    callOptions,
  );
  return summaryOf(yield* calling);
}

function summaryOf({ value, status, attempts }: CallResult<GenerationFacts>): GenerationSummary {
  const { created, requestId, generationId, extra, raw } = value;
  return { created, requestId, generationId, status, attempts, extra, raw };
}

/** All images of a stream; where it breaks, its error has those that had arrived. */
async function collect(arriving: AsyncGenerator<GeneratedImage, GenerationSummary, void>): Promise<Generation> {
  const images: GeneratedImage[] = [];
  try {
    for (;;) {
      const { done, value } = await arriving.next();
      if (done) return { ...value, images };
      images.push(value);
    }
  } catch (error) {
    throw isWanImageError(error) ? error.with({ images }) : error;
  }
}
