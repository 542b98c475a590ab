import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError } from '../../domain/api-error.ts';
import { keyOfAnotherRequest } from '../../domain/repetition.ts';
import { settledMessage } from '../../domain/settled-message.ts';
import { retryHeaders } from '../../domain/retry-safety.ts';
import {
  GenerationsRepository,
  type GenerationWithImages,
  type Origin,
} from '../../generations/generations.repository.ts';
import { WatchService } from '../../generations/watch.service.ts';
import { PendingImages } from '../../images/pending-images.service.ts';
import type { GenerationImageEntity } from '../../ledger/generation-image.entity.ts';
import type { GenerationEntity } from '../../ledger/generation.entity.ts';
import { LOGGER } from '../../telemetry/logger.ts';
import { generationDeleted, STILL_RUNNING } from './refusals.ts';
import { ResponseImagesService } from './response-images.service.ts';
import { completeResponse, type ResponseImage, type StreamedResponse } from './response-stream.ts';

/** Longer than any generation takes with the default timeout, including the time until the lease of a dead process expires. */
const MAX_WAIT_MS = 30 * 60_000;

/** Pauses between attempts to read the record of a finished generation while the database is briefly unavailable. */
const READ_PAUSES_MS = [50, 200, 1000, 3000, 5000];

/** Replays the response of an existing generation. */
@Injectable()
export class ReplayService {
  constructor(
    private readonly generations: GenerationsRepository,
    private readonly watch: WatchService,
    private readonly responseImages: ResponseImagesService,
    private readonly pendingImages: PendingImages,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Throws an ApiError if the generation is in the bin, or was deleted for good. */
  async checkNotDeleted(id: string): Promise<void> {
    if (!(await this.generations.isShown(id))) throw generationDeleted(id);
  }

  /** Throws an ApiError if a generation was not made from this: its key is that of another request. */
  async checkMadeFrom(id: string, origin: Origin): Promise<void> {
    if (!(await this.generations.isMadeFrom(id, origin))) throw keyOfAnotherRequest();
  }

  /** Waits until a generation, of this process or another, has ended, and builds the response from its record. */
  async responseOf(id: string): Promise<StreamedResponse> {
    const found = (await this.watch.ended(id, AbortSignal.timeout(MAX_WAIT_MS))) ? await this.#read(id) : null;
    if (found === null) throw stillRunning(id);
    const { generation, images } = found;
    if (generation.state !== 'succeeded') throw errorOf(generation);
    const { response_format: format } = generation.request as { readonly response_format?: string };
    const outputs = images.filter(({ role }) => role === 'output');
    const sent = await Promise.all(outputs.map((image) => this.#image(image, format === 'b64_json')));
    const created = generation.responseCreated ?? Math.floor(generation.createdAt.getTime() / 1000);
    return completeResponse(id, sent, { created, extra: { ...generation.upstreamExtra } });
  }

  /** Retries while the database is briefly unavailable: an error would make an SDK send the request again. */
  async #read(id: string): Promise<GenerationWithImages | null> {
    for (const pause of READ_PAUSES_MS) {
      try {
        return await this.generations.find(id);
      } catch (error) {
        this.logger.error({ generation_id: id, err: error }, 'a generation that has ended could not be read yet');
        await sleep(pause);
      }
    }
    return null;
  }

  async #image(found: GenerationImageEntity, asBase64: boolean): Promise<ResponseImage> {
    // Its URL says so itself.
    if (asBase64 && found.state === 'deleted') throw generationDeleted(found.generationId);
    const image =
      asBase64 && found.state === 'pending' ? await this.pendingImages.fetchForResponse(found, true) : found;
    const sent = asBase64 ? await this.responseImages.base64Of(image) : this.responseImages.urlOf(image);
    if (sent === null) throw lost(found.generationId);
    return sent;
  }
}

/** The error that the generation failed with, with the message and status of the first response. */
function errorOf({ id, error, outcome, responseStatus, resolvedAt }: GenerationEntity): ApiError {
  const { message, type, code, param } = error ?? {
    message: 'The generation ended without a response.',
    type: 'server_error',
    code: null,
    param: null,
  };
  const headers = { 'x-generation-id': id, ...retryHeaders(outcome, code) };
  // An interrupted generation has no recorded status: its process died before it responded.
  const told = resolvedAt === null ? message : settledMessage(message, outcome === 'billed');
  return new ApiError(told, { status: responseStatus ?? 502, type, code, param, headers });
}

function lost(id: string): ApiError {
  const message =
    'The images were generated and paid for, but could not be stored, and were sent to the first request only. Use a new key to generate others.';
  return final(id, message, { status: 410, code: 'image_lost' });
}

/** The wait timed out, or the service is shutting down. A retry with the same key waits again. */
function stillRunning(id: string): ApiError {
  const message =
    'The first request is still running. Send it again with the same Idempotency-Key, or get the generation under the x-generation-id.';
  return final(id, message, { status: 503, code: STILL_RUNNING }).with({ 'retry-after': '5' });
}

/** Forbids automatic retries: without a key, an SDK would send the request again, and it would be billed again. */
function final(id: string, message: string, { status, code }: { status: number; code: string }): ApiError {
  const headers = { 'x-should-retry': 'false', 'x-generation-id': id };
  return new ApiError(message, { status, type: 'server_error', code, headers });
}
