import type * as z from 'zod/mini';
import type { ClientRequest, GenerationRequest } from '../contract/request-types.ts';
import { clientModel, clientModelList, type Model, type ModelList } from '../contract/models.ts';
import { isWanImageError } from '../errors/wan-image-error.ts';
import { buildGenerationRequest, buildGet } from '../protocol/build-request.ts';
import type { Sink } from './arriving-image.ts';
import { call, type CallResult } from './call.ts';
import type { CallOptions, RawResponse } from './call-options.ts';
import { callJson } from './call-json.ts';
import { checkCallOptions, checkOptions } from './check-options.ts';
import type { PortableClientOptions } from './client-options.ts';
import { downloadFromUrl, type DownloadOptions } from './download.ts';
import type { GeneratedImage } from './generated-image.ts';
import { prepareBody, prepareRequest, type GenerateRequest, type PreparedRequest } from './prepare-request.ts';
import { readGeneration, type GenerationFacts } from './read-generation.ts';

/** The options of `generate` and `stream`. */
export interface GenerateOptions extends CallOptions {
  /** Sent as `Idempotency-Key`, the same in all retries of the call. Default: a new one for each call. */
  readonly idempotencyKey?: string | undefined;
  /**
   * Reads the bytes of each image as they arrive. Requires `response_format: 'b64_json'`, except in `send` and `sendStream`, which call it
   * for the images whose bytes arrive.
   */
  readonly sink?: Sink | undefined;
}

/** A response without its images. */
export interface GenerationSummary {
  /** Unix time in seconds at which the upstream started on the request; null if it did not say. */
  readonly created: number | null;
  /** The request id of the server, for its support and its invoice. */
  readonly requestId: string | null;
  /** The id of the record, if the server is a history service. */
  readonly generationId: string | null;
  /** HTTP status of the response. */
  readonly status: number;
  /** Number of HTTP requests that were sent. */
  readonly attempts: number;
  /** Number of images that were not read: of one response, the first 100 are. They may have been billed too. */
  readonly omitted: number;
  /** Keys of the response beyond the contract. */
  readonly extra: Readonly<Record<string, unknown>>;
  /** The response as it was received. */
  readonly raw: RawResponse;
}

/** The result of `generate`. */
export interface Generation extends GenerationSummary {
  /** In the order of the server; may be fewer than `n`. */
  readonly images: readonly GeneratedImage[];
}

/** A client of the API. All failures are thrown as {@link WanImageError}. */
export interface Client {
  /**
   * Generates or edits images and resolves with all of them. Throws a {@link WanImageError}: its `outcome` says whether the request was
   * billed, its `images` are those that arrived before the failure.
   */
  generate(request: GenerateRequest, options?: GenerateOptions): Promise<Generation>;
  /**
   * Like `generate`, but yields each image when it is complete, while later ones are still arriving, and keeps none in memory.
   * The request is sent when the first image is requested; to stop iterating cancels it. Returns the summary at its end.
   */
  stream(request: GenerateRequest, options?: GenerateOptions): AsyncGenerator<GeneratedImage, GenerationSummary, void>;
  /** Like `generate`, for a request that has already been parsed. */
  send(
    request: GenerationRequest | ClientRequest,
    extra: Readonly<Record<string, unknown>>,
    options?: GenerateOptions,
  ): Promise<Generation>;
  /** Like `stream`, for a request that has already been parsed. */
  sendStream(
    request: GenerationRequest | ClientRequest,
    extra: Readonly<Record<string, unknown>>,
    options?: GenerateOptions,
  ): AsyncGenerator<GeneratedImage, GenerationSummary, void>;
  /** Downloads a stored URL of a result image, without the Authorization header, and yields its bytes as they arrive. */
  download(url: string, options?: DownloadOptions): AsyncIterable<Uint8Array>;
  /** The models that the API key may use. */
  models(options?: CallOptions): Promise<ModelList>;
  /** One of them. */
  model(id: string, options?: CallOptions): Promise<Model>;
}

/** Creates a client with the network, timers and randomness of `options`. Throws a {@link WanImageError} for invalid options. */
export function createClient(options: PortableClientOptions): Client {
  checkOptions(options);
  const get = async <T>(path: string, schema: z.ZodMiniType<T>, callOptions: CallOptions = {}): Promise<T> => {
    checkCallOptions(callOptions, ['onResponse']);
    return callJson(options, { request: buildGet('models', path), body: null }, schema, callOptions);
  };
  return {
    generate: (input, generateOptions) =>
      collect(stream(options, () => prepareRequest(input, options), generateOptions)),
    stream: (input, generateOptions) => stream(options, () => prepareRequest(input, options), generateOptions),
    send: (request, extra, generateOptions) =>
      collect(stream(options, async () => ({ request, extra }), generateOptions, true)),
    sendStream: (request, extra, generateOptions) =>
      stream(options, async () => ({ request, extra }), generateOptions, true),
    download: (url, downloadOptions = {}) => downloadFromUrl(url, options, downloadOptions),
    models: (callOptions) => get('/v1/models', clientModelList, callOptions),
    model: (id, callOptions) => get(`/v1/models/${encodeURIComponent(id)}`, clientModel, callOptions),
  };
}

async function* stream(
  options: PortableClientOptions,
  prepare: () => Promise<PreparedRequest>,
  { idempotencyKey, sink, ...callOptions }: GenerateOptions = {},
  isParsed = false,
): AsyncGenerator<GeneratedImage, GenerationSummary, void> {
  checkCallOptions({ ...callOptions, idempotencyKey, sink }, ['onResponse', 'idempotencyKey', 'sink']);
  const body = await prepareBody(options, prepare, sink !== undefined && !isParsed);
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
  const { created, requestId, generationId, omitted, extra, raw } = value;
  return { created, requestId, generationId, status, attempts, omitted, extra, raw };
}

/** Collects all images of a stream. If it fails, the images that arrived are attached to its error. */
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
