import {
  parseGenerationRequest,
  type GenerationRequest,
  type GenerationRequestInput,
} from '../contract/generation-request.ts';
import { modelList, type ModelList } from '../contract/models.ts';
import { WanImageError } from '../errors/wan-image-error.ts';
import { buildGenerationRequest, buildGet } from '../protocol/build-request.ts';
import { readJsonAnswer } from '../protocol/read-json-answer.ts';
import { readReply } from '../protocol/read-reply.ts';
import { call, type CallOptions } from './call.ts';
import { checkOptions } from './check-options.ts';
import type { ClientOptions } from './client-options.ts';
import { downloaded, generatedImage, type GeneratedImage } from './generated-image.ts';

/** A request of the contract, and `extra`: the one way to send what the vendor has beyond it. */
export type GenerateInput = GenerationRequestInput & { readonly extra?: Readonly<Record<string, unknown>> };

export interface GenerateOptions extends CallOptions {
  /** Sent as `Idempotency-Key`. Default: a new one for each call, kept across its retries. */
  readonly idempotencyKey?: string;
}

export interface Generation {
  /** Unix seconds: when the upstream began to work; null where it did not say. */
  readonly created: number | null;
  /** In the server's order; may be fewer than were asked for. */
  readonly images: readonly GeneratedImage[];
  readonly requestId: string | null;
  /** The record's id, when a history service answered. */
  readonly generationId: string | null;
  readonly status: number;
  /** How often the request reached out for the server. */
  readonly attempts: number;
  /** Keys of the reply beyond the contract. */
  readonly extra: Readonly<Record<string, unknown>>;
}

export interface Client {
  /** Makes or edits pictures. Throws a {@link WanImageError}, with `outcome` saying whether it was billed. */
  generate(input: GenerateInput, options?: GenerateOptions): Promise<Generation>;
  /** Like `generate`, for a request that the contract's schema has already accepted. */
  send(
    request: GenerationRequest,
    extra: Readonly<Record<string, unknown>>,
    options?: GenerateOptions,
  ): Promise<Generation>;
  /** The bytes of a result picture as they arrive, fetched without the Authorization header; for a URL that was kept. */
  download(url: string, options?: { readonly signal?: AbortSignal }): AsyncIterable<Uint8Array>;
  /** The models that the key may use. */
  models(options?: CallOptions): Promise<ModelList>;
}

export function createClient(options: ClientOptions): Client {
  checkOptions(options);
  const send: Client['send'] = async (request, extra, { idempotencyKey, ...callOptions } = {}) => {
    const httpRequest = buildGenerationRequest(request, extra, idempotencyKey ?? options.newIdempotencyKey());
    const { value, status, attempts } = await call(options, httpRequest, readReply, callOptions);
    const images = value.images.map((image, index) => generatedImage(image, index, options));
    return { ...value, images, status, attempts };
  };
  return {
    send,
    async generate({ extra = {}, ...input }, generateOptions) {
      return send(parsed(input), extra, generateOptions);
    },
    download: (url, { signal } = {}) => downloaded(url, options, signal),
    async models(callOptions = {}) {
      return (await call(options, buildGet('/v1/models'), readJsonAnswer(modelList), callOptions)).value;
    },
  };
}

function parsed(input: GenerationRequestInput): GenerationRequest {
  const result = parseGenerationRequest(input);
  if (result.ok) return result.request;
  const message = result.problems.map((problem) => problem.message).join(' ');
  throw new WanImageError(message, {
    kind: 'invalid_request',
    fault: 'caller',
    outcome: 'not_billed',
    param: result.problems[0]?.param ?? null,
  });
}
