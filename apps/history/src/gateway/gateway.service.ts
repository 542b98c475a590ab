import {
  acceptRequest,
  isWanImageError,
  type AcceptedRequest,
  type Client,
  type GeneratedImage,
  type Generation,
  type GenerationReply,
} from '@wan-image/core';
import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import type { GenerationEntity } from '../generations/generation.entity.ts';
import type { NewImage } from '../generations/generation-image.entity.ts';
import { GenerationsService } from '../generations/generations.service.ts';
import { imageIdOf } from '../generations/image-id.ts';
import { ApiError, invalidRequest } from '../http/api-error.ts';
import { ServiceAddress } from '../http/service-address.ts';
import { PicturesService } from '../images/pictures.service.ts';
import { LOGGER } from '../telemetry/logger.ts';
import { UPSTREAM_CLIENT } from '../upstream/upstream.ts';
import { InputImagesService } from './input-images.service.ts';
import { toApiError } from './upstream-error.ts';

export interface GatewayReply {
  readonly generationId: string;
  readonly body: GenerationReply;
}

/** How long an answer waits for a picture's bytes; what takes longer is fetched in the background. */
const DOWNLOAD_LIMIT_MS = 60_000;

/** A result picture as the vendor gave it, and as it is kept. */
interface Result {
  readonly given: GeneratedImage;
  readonly row: NewImage;
}

/** `POST /v1/images/generations`: parse, record, call upstream, keep the pictures, record, reply. */
@Injectable()
export class GatewayService {
  readonly #inFlight = new Set<Promise<unknown>>();
  readonly #client: Client;
  readonly #generations: GenerationsService;
  readonly #inputs: InputImagesService;
  readonly #pictures: PicturesService;
  readonly #address: ServiceAddress;
  readonly #logger: Logger;

  constructor(
    @Inject(UPSTREAM_CLIENT) client: Client,
    generations: GenerationsService,
    inputs: InputImagesService,
    pictures: PicturesService,
    address: ServiceAddress,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.#client = client;
    this.#generations = generations;
    this.#inputs = inputs;
    this.#pictures = pictures;
    this.#address = address;
    this.#logger = logger;
  }

  /** A caller that leaves does not stop it: the work goes on and is recorded. */
  async generate(body: unknown, source: string): Promise<GatewayReply> {
    const accepted = accept(body);
    const work = this.#start(accepted, source).then((generation) => this.#run(generation, accepted));
    this.#inFlight.add(work);
    try {
      return await work;
    } finally {
      this.#inFlight.delete(work);
    }
  }

  /** Resolves when nothing is under way any more. */
  async settled(): Promise<void> {
    while (this.#inFlight.size > 0) await Promise.allSettled(this.#inFlight);
  }

  async #start(accepted: AcceptedRequest, source: string): Promise<GenerationEntity> {
    try {
      const inputs = await this.#inputs.keep(accepted.request);
      return await this.#generations.start(accepted, source, inputs);
    } catch (error) {
      this.#logger.error({ err: error }, 'a request could not be recorded');
      const message =
        'The request could not be recorded, so it was not sent and nothing was billed. /readyz tells what is wrong.';
      throw new ApiError(message, { status: 503, type: 'server_error', code: 'not_recorded' }, { cause: error });
    }
  }

  async #run(generation: GenerationEntity, { request, extra }: AcceptedRequest): Promise<GatewayReply> {
    const { id } = generation;
    let reply: Generation;
    try {
      reply = await this.#client.send(request, extra, { idempotencyKey: id });
    } catch (error) {
      throw await this.#failed(id, error);
    }
    const results = await Promise.all(reply.images.map((image) => this.#keep(image, id)));
    const recorded = await this.#succeeded(id, reply, results);
    const asBase64 = request.response_format === 'b64_json';
    const data = await Promise.all(results.map((result) => this.#replyImage(id, result, asBase64, recorded)));
    const created = reply.created ?? Math.floor(generation.createdAt.getTime() / 1000);
    return { generationId: id, body: { ...reply.extra, created, data } };
  }

  /** Never rejects: what was paid for and could not be kept is recorded as such. */
  async #keep(given: GeneratedImage, id: string): Promise<Result> {
    const common = { role: 'output', index: given.index, revisedPrompt: given.revisedPrompt } as const;
    try {
      const kept = await this.#pictures.keep(given.stream({ signal: AbortSignal.timeout(DOWNLOAD_LIMIT_MS) }));
      return { given, row: { ...common, ...kept, state: 'stored', sourceUrl: null } };
    } catch (error) {
      this.#logger.error({ generation_id: id, index: given.index, err: error }, 'a picture could not be kept');
      const unknown = { sha256: null, width: null, height: null, bytes: null, mimeType: null };
      return {
        given,
        row: { ...common, ...unknown, state: given.url === null ? 'lost' : 'pending', sourceUrl: given.url },
      };
    }
  }

  /** Whether it could be recorded. The pictures are paid for, so the caller gets them all the same. */
  async #succeeded(id: string, reply: Generation, results: readonly Result[]): Promise<boolean> {
    const ending = {
      state: 'succeeded',
      outcome: 'billed',
      error: null,
      upstreamRequestId: reply.requestId,
      upstreamStatus: reply.status,
      attempts: reply.attempts,
      upstreamExtra: Object.keys(reply.extra).length > 0 ? { ...reply.extra } : null,
    } as const;
    const rows = results.map((result) => result.row);
    const recorded = await this.#record(id, () => this.#generations.finish(id, ending, rows));
    this.#logger.info({ generation_id: id, images: rows.length, attempts: reply.attempts }, 'a generation succeeded');
    return recorded;
  }

  async #failed(id: string, error: unknown): Promise<Error> {
    if (!isWanImageError(error)) return error instanceof Error ? error : new Error(String(error));
    const answer = toApiError(error);
    const { status, type, code, message, param, headers } = answer;
    const ending = {
      state: 'failed',
      outcome: error.outcome,
      error: { type, code, message, param },
      upstreamRequestId: error.requestId,
      upstreamStatus: error.status,
      attempts: error.attempts,
      upstreamExtra: null,
    } as const;
    await this.#record(id, () => this.#generations.finish(id, ending, []));
    this.#logger.warn(
      { generation_id: id, outcome: error.outcome, kind: error.kind, status: error.status },
      'a generation failed',
    );
    return new ApiError(
      message,
      { status, type, code, param, headers: { ...headers, 'x-generation-id': id } },
      { cause: error },
    );
  }

  async #record(id: string, write: () => Promise<void>): Promise<boolean> {
    try {
      await write();
      return true;
    } catch (error) {
      this.#logger.error({ generation_id: id, err: error }, 'the end of a generation could not be recorded');
      return false;
    }
  }

  /** In the form that was asked for, whichever form the vendor answered in. */
  async #replyImage(
    id: string,
    { given, row }: Result,
    asBase64: boolean,
    recorded: boolean,
  ): Promise<GenerationReply['data'][number]> {
    const revised = given.revisedPrompt === null ? {} : { revised_prompt: given.revisedPrompt };
    if (asBase64 && given.base64 !== null) return { b64_json: given.base64, ...revised };
    if (asBase64 && row.sha256 !== null) return { b64_json: await this.#pictures.readBase64(row.sha256), ...revised };
    if (recorded && row.state !== 'lost') {
      return {
        url: this.#address.urlOfImage(imageIdOf({ generationId: id, role: 'output', index: given.index })),
        ...revised,
      };
    }
    // Not in the history, so our own URL would lead nowhere: the vendor's words are the best there is.
    return {
      ...(given.url === null ? {} : { url: given.url }),
      ...(given.base64 === null ? {} : { b64_json: given.base64 }),
      ...revised,
    };
  }
}

function accept(body: unknown): AcceptedRequest {
  const result = acceptRequest(body);
  if (result.ok) return result.accepted;
  throw invalidRequest(result.problems.map(({ message }) => message).join(' '), result.problems[0]?.param ?? null);
}
