import {
  parseClientRequest,
  PARAMETERS,
  type ClientRequest,
  type GenerationRequest,
  type GenerationRequestInput,
} from '../contract/generation-request.ts';
import { modelList, type ModelList } from '../contract/models.ts';
import type { Problem } from '../contract/problem.ts';
import { wordsOf } from '../errors/safe-cause.ts';
import { isWanImageError, WanImageError } from '../errors/wan-image-error.ts';
import type { RequestBody } from '../transport/transport.ts';
import { portableBase64 } from '../images/base64-codec.ts';
import { buildGenerationRequest, buildGet } from '../protocol/build-request.ts';
import { call, type Called, type CallOptions, type RawReply } from './call.ts';
import { checkCallOptions, checkOptions } from './check-options.ts';
import type { ClientOptions } from './client-options.ts';
import { downloadKept, type DownloadOptions } from './download.ts';
import type { GeneratedImage } from './generated-image.ts';
import { given } from './given.ts';
import { prepareImages, type ImageInput } from './input-images.ts';
import { readGeneration, type GenerationFacts, type Sink } from './read-generation.ts';
import { getJson } from './get-json.ts';
import { generationBody } from './request-body.ts';

/** A request of the contract, with pictures in any form, and `extra`: the one way to send what the vendor has beyond it. */
export type GenerateInput = Omit<GenerationRequestInput, 'image'> & {
  /** Pictures to edit, in the order that the prompt calls 图1, 图2; at most 9, each checked before anything is sent. */
  readonly image?: ImageInput | readonly ImageInput[] | undefined;
  readonly extra?: Readonly<Record<string, unknown>> | undefined;
};

export interface GenerateOptions extends CallOptions {
  /** Sent as `Idempotency-Key`. Default: a new one for each call, kept across its retries. */
  readonly idempotencyKey?: string;
  readonly sink?: Sink;
}

/** What a reply says beside its pictures. */
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
  readonly raw: RawReply;
}

export interface Generation extends GenerationSummary {
  /** In the server's order; may be fewer than were asked for. */
  readonly images: readonly GeneratedImage[];
}

export interface Client {
  /**
   * Makes or edits pictures. Throws a {@link WanImageError}, with `outcome` saying whether it was billed
   * and `images` holding what had arrived.
   */
  generate(input: GenerateInput, options?: GenerateOptions): Promise<Generation>;
  /**
   * Like `generate`, but yields each picture when it is whole, while later ones are still arriving, and keeps none.
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
  /** The bytes of a result picture as they arrive, fetched without the Authorization header; for a URL that was kept. */
  download(url: string, options?: DownloadOptions): AsyncIterable<Uint8Array>;
  /** The models that the key may use. */
  models(options?: CallOptions): Promise<ModelList>;
}

export function createClient(options: ClientOptions): Client {
  checkOptions(options);
  return {
    generate: (input, generateOptions) => collected(stream(options, () => prepared(input), generateOptions)),
    stream: (input, generateOptions) => stream(options, () => prepared(input), generateOptions),
    send: (request, extra, generateOptions) =>
      collected(stream(options, async () => ({ request, extra }), generateOptions)),
    sendStream: (request, extra, generateOptions) => stream(options, async () => ({ request, extra }), generateOptions),
    download: (url, downloadOptions = {}) => downloadKept(url, options, downloadOptions),
    models: (callOptions) => getJson(options, buildGet('models', '/v1/models'), modelList, callOptions),
  };
}

interface Ready {
  readonly request: GenerationRequest | ClientRequest;
  readonly extra: Readonly<Record<string, unknown>>;
}

async function* stream(
  options: ClientOptions,
  prepare: () => Promise<Ready>,
  { idempotencyKey, sink, ...callOptions }: GenerateOptions = {},
): AsyncGenerator<GeneratedImage, GenerationSummary, void> {
  checkCallOptions({ ...callOptions, ...given({ idempotencyKey, sink }) });
  const body = await bodyOf(options, prepare, sink !== undefined);
  const outgoing = { request: buildGenerationRequest(idempotencyKey ?? options.newIdempotencyKey()), body };
  const calling = call(
    options,
    outgoing,
    (answer, session) => readGeneration(answer, session, options, sink),
    callOptions,
  );
  return summaryOf(yield* calling);
}

/** Whatever goes wrong here was not sent. */
async function bodyOf(options: ClientOptions, prepare: () => Promise<Ready>, hasSink: boolean): Promise<RequestBody> {
  try {
    const { request, extra } = await prepare();
    if (hasSink && request.response_format !== 'b64_json') throw invalid([SINK_WITHOUT_BYTES]);
    return generationBody(request, extra, options.base64 ?? portableBase64);
  } catch (cause) {
    if (isWanImageError(cause)) throw cause;
    throw new WanImageError(
      `The request could not be read: ${wordsOf(cause)}. Nothing was sent.`,
      { kind: 'invalid_request', fault: 'caller', outcome: 'not_billed' },
      { cause, secrets: [options.apiKey] },
    );
  }
}

function summaryOf({ value, status, attempts }: Called<GenerationFacts>): GenerationSummary {
  const { created, requestId, generationId, extra, raw } = value;
  return { created, requestId, generationId, status, attempts, extra, raw };
}

/** All pictures of a stream; where it breaks, its error has those that had arrived. */
async function collected(pictures: AsyncGenerator<GeneratedImage, GenerationSummary, void>): Promise<Generation> {
  const images: GeneratedImage[] = [];
  try {
    for (;;) {
      const { done, value } = await pictures.next();
      if (done) return { ...value, images };
      images.push(value);
    }
  } catch (error) {
    throw isWanImageError(error) ? error.with({ images }) : error;
  }
}

/** Checks a request by the whole contract, pictures first read as far as that takes. */
async function prepared({ extra = {}, ...input }: GenerateInput): Promise<Ready> {
  const { image, problems } = await prepareImages(input.image);
  const misplaced = Object.keys(extra).filter((name) => PARAMETERS.includes(name));
  const found = [...problems, ...misplaced.map(misplacedProblem)];
  if (found.length > 0) throw invalid(found);
  const result = parseClientRequest(image === undefined ? input : { ...input, image });
  if (result.ok) return { request: result.request, extra };
  throw invalid(result.problems);
}

function misplacedProblem(name: string): Problem {
  return {
    param: `extra.${name}`,
    message: `extra.${name} is a parameter of the contract: give it beside extra, not in it.`,
  };
}

const SINK_WITHOUT_BYTES: Problem = {
  param: 'sink',
  message: 'sink takes the pictures that come in the reply itself: ask for response_format "b64_json".',
};

function invalid(problems: readonly Problem[]): WanImageError {
  return new WanImageError(problems.map(({ message }) => message).join(' '), {
    kind: 'invalid_request',
    fault: 'caller',
    outcome: 'not_billed',
    param: problems[0]?.param ?? null,
  });
}
