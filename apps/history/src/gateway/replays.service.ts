import { setTimeout as sleep } from 'node:timers/promises';
import type { GenerationReply } from '@wan-image/core';
import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import type { GenerationImageEntity } from '../generations/generation-image.entity.ts';
import type { GenerationEntity } from '../generations/generation.entity.ts';
import { GenerationsService } from '../generations/generations.service.ts';
import { ApiError } from '../http/api-error.ts';
import { PicturesService } from '../images/pictures.service.ts';
import { LOGGER } from '../telemetry/logger.ts';

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1000;

/** Answers a request for which there is a generation already, as that was answered. */
@Injectable()
export class ReplaysService {
  readonly #generations: GenerationsService;
  readonly #pictures: PicturesService;
  readonly #logger: Logger;

  constructor(generations: GenerationsService, pictures: PicturesService, @Inject(LOGGER) logger: Logger) {
    this.#generations = generations;
    this.#pictures = pictures;
    this.#logger = logger;
  }

  /**
   * Waits for the end of a generation, of this process or another, and answers from its record. Every generation ends: what a dead
   * process left behind is ended by the upkeep.
   */
  async answerOf(id: string): Promise<GenerationReply> {
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      const found = await this.#generations.read(id);
      if (found === null) throw gone(id);
      if (found.generation.finishedAt !== null) return this.#again(found.generation, found.images);
      await sleep(pause);
    }
  }

  async #again(generation: GenerationEntity, images: readonly GenerationImageEntity[]): Promise<GenerationReply> {
    if (generation.state !== 'succeeded') throw errorOf(generation);
    const { response_format: format } = generation.request as { readonly response_format?: string };
    const results = images.filter(({ role }) => role === 'output');
    const data = await Promise.all(results.map((image) => this.#image(image, format === 'b64_json')));
    const created = generation.replyCreated ?? Math.floor(generation.createdAt.getTime() / 1000);
    return { ...generation.upstreamExtra, created, data };
  }

  async #image(image: GenerationImageEntity, asBase64: boolean): Promise<GenerationReply['data'][number]> {
    const revised = image.revisedPrompt === null ? {} : { revised_prompt: image.revisedPrompt };
    if (asBase64 && image.sha256 !== null) {
      try {
        return { b64_json: await this.#pictures.readBase64(image.sha256), ...revised };
      } catch (error) {
        this.#logger.error({ sha256: image.sha256, err: error }, 'a picture that was kept could not be read');
      }
    }
    const url = image.state === 'lost' ? image.sourceUrl : this.#generations.urlOfImage(image);
    return { ...(url === null ? {} : { url }), ...revised };
  }
}

/** What it failed with, in the words and under the status that its caller was told. */
function errorOf({ id, error, outcome, replyStatus }: GenerationEntity): ApiError {
  const { message, type, code, param } = error ?? {
    message: 'The generation ended without a reply.',
    type: 'server_error',
    code: null,
    param: null,
  };
  const headers = { 'x-generation-id': id, ...(outcome === 'not_billed' ? {} : { 'x-should-retry': 'false' }) };
  // The caller of one that was interrupted was told nothing: its process had died.
  return new ApiError(message, { status: replyStatus ?? 502, type, code, param, headers });
}

function gone(id: string): ApiError {
  const message =
    'What was made under this Idempotency-Key has been deleted since. Give the request a new key to make it again.';
  const headers = { 'x-should-retry': 'false', 'x-generation-id': id };
  return new ApiError(message, { status: 410, type: 'invalid_request_error', code: 'deleted', headers });
}
