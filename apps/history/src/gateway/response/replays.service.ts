import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { Logger } from 'pino';
import type { GenerationImageEntity } from '../../ledger/generation-image.entity.ts';
import type { GenerationEntity } from '../../ledger/generation.entity.ts';
import { GenerationsService } from '../../generations/generations.service.ts';
import { ApiError } from '../../domain/api-error.ts';
import { StoredImagesService } from '../../images/stored-images.service.ts';
import { LOGGER } from '../../telemetry/logger.ts';
import { completeResponse, type StreamedResponse, type ResponseImage } from './response-stream.ts';
import { ResponseImagesService } from './response-images.service.ts';

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1000;

/** Longer than any generation takes, the upkeep's patience with a dead process included, in a service with the usual time limit. */
const LONGEST_WAIT_MS = 30 * 60_000;

/** Answers a request for which there is a generation already, as that was answered. */
@Injectable()
export class ReplaysService implements OnModuleDestroy {
  readonly #generations: GenerationsService;
  readonly #responseImages: ResponseImagesService;
  readonly #images: StoredImagesService;
  readonly #logger: Logger;
  readonly #closing = new AbortController();

  constructor(
    generations: GenerationsService,
    responseImages: ResponseImagesService,
    images: StoredImagesService,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.#generations = generations;
    this.#responseImages = responseImages;
    this.#images = images;
    this.#logger = logger;
  }

  /** Whoever waits for another process would hold up the end of this one. */
  onModuleDestroy(): void {
    this.#closing.abort();
  }

  /**
   * Waits for the end of a generation, of this process or another, and answers from its record. Every generation ends: what a dead
   * process left behind is ended by the upkeep. A database that does not answer for a moment is asked again: an error would make an SDK
   * send the request once more.
   */
  async responseOf(id: string): Promise<StreamedResponse> {
    const until = Date.now() + LONGEST_WAIT_MS;
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      const found = await this.#ended(id);
      if (found !== null) return this.#again(found.generation, found.images);
      if (Date.now() > until || this.#closing.signal.aborted) throw notYet(id);
      await sleep(pause, undefined, { signal: this.#closing.signal }).catch(() => undefined);
    }
  }

  async #ended(id: string): ReturnType<GenerationsService['read']> {
    try {
      return (await this.#generations.hasEnded(id)) ? await this.#generations.read(id) : null;
    } catch (error) {
      this.#logger.error({ generation_id: id, err: error }, 'a generation that is waited for could not be read');
      return null;
    }
  }

  async #again(generation: GenerationEntity, images: readonly GenerationImageEntity[]): Promise<StreamedResponse> {
    if (generation.state !== 'succeeded') throw errorOf(generation);
    const { response_format: format } = generation.request as { readonly response_format?: string };
    const results = images.filter(({ role }) => role === 'output');
    const sent = await Promise.all(results.map((image) => this.#image(image, format === 'b64_json')));
    const created = generation.responseCreated ?? Math.floor(generation.createdAt.getTime() / 1000);
    return completeResponse(generation.id, sent, { created, extra: { ...generation.upstreamExtra } });
  }

  async #image(found: GenerationImageEntity, asBase64: boolean): Promise<ResponseImage> {
    const image = asBase64 && found.state === 'pending' ? await this.#images.fetchForResponse(found) : found;
    const sent = asBase64 ? await this.#responseImages.base64Of(image) : this.#responseImages.urlOf(image);
    if (sent === null) throw lost(found.generationId);
    return sent;
  }
}

/** What it failed with, in the words and under the status that its caller was told. */
function errorOf({ id, error, outcome, responseStatus }: GenerationEntity): ApiError {
  const { message, type, code, param } = error ?? {
    message: 'The generation ended without a reply.',
    type: 'server_error',
    code: null,
    param: null,
  };
  const headers = {
    'x-generation-id': id,
    ...(outcome === 'not_billed' && error?.code !== 'authentication' && error?.code !== 'canceled'
      ? {}
      : { 'x-should-retry': 'false' }),
  };
  // The caller of one that was interrupted was told nothing: its process had died.
  return new ApiError(message, { status: responseStatus ?? 502, type, code, param, headers });
}

function lost(id: string): ApiError {
  const message =
    'The images were made and paid for, but could not be kept, and went to the first who asked. Give the request a new key to make others.';
  return final(id, message, { status: 410, code: 'image_lost' });
}

/** Of one that has not ended in all this time, or of a service that stops: whoever asks again with the same key waits again. */
function notYet(id: string): ApiError {
  const message =
    'The first request is still under way. Ask again with the same Idempotency-Key, or get the generation under the x-generation-id.';
  return final(id, message, { status: 503, code: 'still_running' }).with({ 'retry-after': '5' });
}

/** Without a key an SDK would send the request anew, and it would be billed again. */
function final(id: string, message: string, { status, code }: { status: number; code: string }): ApiError {
  const headers = { 'x-should-retry': 'false', 'x-generation-id': id };
  return new ApiError(message, { status, type: 'server_error', code, headers });
}
