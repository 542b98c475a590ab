import {
  isWanImageError,
  type AcceptedRequest,
  type ArrivedImage,
  type Client,
  type Generation,
  type GenerationReply,
} from '@wan-image/core';
import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import type { GenerationEntity } from '../generations/generation.entity.ts';
import type { NewImage } from '../generations/generation-image.entity.ts';
import { GenerationsService } from '../generations/generations.service.ts';
import { ApiError } from '../http/api-error.ts';
import { PicturesService } from '../images/pictures.service.ts';
import { StoredImagesService } from '../images/stored-images.service.ts';
import { LOGGER } from '../telemetry/logger.ts';
import { UPSTREAM_CLIENT } from '../upstream/upstream.ts';
import { broken, failed, succeeded, wholeSeconds } from './endings.ts';
import { paidFor } from './refusals.ts';
import { toApiError } from './upstream-error.ts';

export interface GatewayReply {
  readonly generationId: string;
  readonly body: GenerationReply;
}

/** A result picture as the vendor gave it, and as it is recorded. */
interface Result {
  readonly given: ArrivedImage;
  readonly row: NewImage;
}

const NOT_KEPT = { sha256: null, width: null, height: null, bytes: null, mimeType: null } as const;

/** The call upstream of a generation that is recorded as sent: keep the pictures, record the end, answer. */
@Injectable()
export class CallsService {
  readonly #client: Client;
  readonly #generations: GenerationsService;
  readonly #pictures: PicturesService;
  readonly #images: StoredImagesService;
  readonly #logger: Logger;

  constructor(
    @Inject(UPSTREAM_CLIENT) client: Client,
    generations: GenerationsService,
    pictures: PicturesService,
    images: StoredImagesService,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.#client = client;
    this.#generations = generations;
    this.#pictures = pictures;
    this.#images = images;
    this.#logger = logger;
  }

  /** Calls upstream, once. However that ends, the record learns it before this does. */
  async make(generation: GenerationEntity, accepted: AcceptedRequest, signal: AbortSignal): Promise<GatewayReply> {
    const { id } = generation;
    let reply: Generation;
    try {
      reply = await this.#client.send(accepted.request, accepted.extra, { idempotencyKey: id, signal });
    } catch (error) {
      throw await this.#failed(id, error);
    }
    try {
      return await this.#succeeded(generation, accepted, reply);
    } catch (error) {
      this.#logger.error({ generation_id: id, err: error }, 'a reply that was paid for could not be handed on');
      const message =
        'The pictures were made and paid for, but could not be handed on. Get them from the history under the x-generation-id.';
      throw paidFor(id, message, error);
    }
  }

  /**
   * Records what came before anything else is done with it: if the process dies while pictures are being fetched,
   * the history knows that they were paid for and where they are.
   */
  async #succeeded(
    generation: GenerationEntity,
    { request }: AcceptedRequest,
    reply: Generation,
  ): Promise<GatewayReply> {
    const { id } = generation;
    const results = await Promise.all(reply.images.map((image) => this.#receive(image, id)));
    const rows = results.map((result) => result.row);
    const created = wholeSeconds(reply.created) ?? Math.floor(generation.createdAt.getTime() / 1000);
    const recorded = await this.#generations.finish(id, succeeded(reply, created), rows);
    this.#logger.info({ generation_id: id, images: rows.length, attempts: reply.attempts }, 'a generation succeeded');
    const kept = recorded ? await Promise.all(results.map((result) => this.#fetch(result, id))) : results;
    const asBase64 = request.response_format === 'b64_json';
    const data = await Promise.all(kept.map((result) => this.#replyImage(id, result, asBase64, recorded)));
    return { generationId: id, body: { ...reply.extra, created, data } };
  }

  /** Base64 is kept at once, a URL is pending. Never rejects: what was paid for and could not be kept is recorded as such. */
  async #receive(given: ArrivedImage, id: string): Promise<Result> {
    const common = { role: 'output', index: given.index, revisedPrompt: given.revisedPrompt } as const;
    if (given.inline) {
      try {
        const kept = await this.#pictures.keep(given.stream());
        return { given, row: { ...common, ...kept, state: 'stored', sourceUrl: null } };
      } catch (error) {
        this.#logger.error({ generation_id: id, index: given.index, err: error }, 'a picture could not be kept');
      }
    }
    return {
      given,
      row: { ...common, ...NOT_KEPT, state: given.url === null ? 'lost' : 'pending', sourceUrl: given.url },
    };
  }

  async #fetch({ given, row }: Result, id: string): Promise<Result> {
    return {
      given,
      row: row.state === 'pending' ? await this.#images.fetchForAnswer({ ...row, generationId: id }) : row,
    };
  }

  /** Every way in which the call can fail ends here, and in the row. */
  async #failed(id: string, error: unknown): Promise<ApiError> {
    if (!isWanImageError(error)) return this.#broken(id, error);
    const answer = toApiError(error);
    // What had come before it broke was paid for.
    const results = await Promise.all(error.images.map((image) => this.#receive(image, id)));
    await this.#generations.finish(
      id,
      failed(error, answer),
      results.map((result) => result.row),
    );
    this.#logger.warn(
      { generation_id: id, outcome: error.outcome, kind: error.kind, status: error.status },
      'a generation failed',
    );
    const { message, status, type, code, param, headers } = answer;
    const named = { ...headers, 'x-generation-id': id };
    return new ApiError(message, { status, type, code, param, headers: named }, { cause: error });
  }

  /** A fault of ours in the middle of the call: nobody knows how far it came. */
  async #broken(id: string, error: unknown): Promise<ApiError> {
    this.#logger.error({ generation_id: id, err: error }, 'a generation broke');
    const message =
      'Something broke in the service while the request was under way. It may have been billed: check before you try again.';
    const answer = paidFor(id, message, error);
    await this.#generations.finish(id, broken(answer), []);
    return answer;
  }

  /** In the form that was asked for, whichever form the vendor answered in; in any other rather than not at all. */
  async #replyImage(
    id: string,
    { given, row }: Result,
    asBase64: boolean,
    recorded: boolean,
  ): Promise<GenerationReply['data'][number]> {
    const revised = given.revisedPrompt === null ? {} : { revised_prompt: given.revisedPrompt };
    const base64 = asBase64 ? await this.#base64Of(given, row) : null;
    if (base64 !== null) return { b64_json: base64, ...revised };
    if (recorded && row.state !== 'lost') {
      return {
        url: this.#generations.urlOfImage({ generationId: id, role: 'output', index: given.index }),
        ...revised,
      };
    }
    // Not in the history, so our own URL would lead nowhere: the vendor's words are the best there is.
    return {
      ...(given.url === null ? {} : { url: given.url }),
      ...(given.inline ? { b64_json: await base64Of(given) } : {}),
      ...revised,
    };
  }

  async #base64Of(given: ArrivedImage, { sha256 }: NewImage): Promise<string | null> {
    if (given.inline) return base64Of(given);
    if (sha256 === null) return null;
    try {
      return await this.#pictures.readBase64(sha256);
    } catch (error) {
      this.#logger.error({ sha256, err: error }, 'a picture that was kept could not be read');
      return null;
    }
  }
}

async function base64Of(image: ArrivedImage): Promise<string> {
  return Buffer.from(await image.bytes()).toString('base64');
}
