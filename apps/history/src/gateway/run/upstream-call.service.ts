import {
  isWanImageError,
  type AcceptedRequest,
  type Client,
  type GeneratedImage,
  type GenerationSummary,
  type Sink,
} from '@wan-image/core';
import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import type { GenerationEntity } from '../../ledger/generation.entity.ts';
import { OutcomeRecorder } from '../../ledger/outcome-recorder.service.ts';
import { imageIdOf } from '../../domain/image-key.ts';
import { ApiError } from '../../domain/api-error.ts';
import { PendingImages } from '../../images/pending-images.service.ts';
import { LOGGER } from '../../telemetry/logger.ts';
import { checkpoint } from '../../telemetry/checkpoints.ts';
import { UPSTREAM_CLIENT } from '../../upstream/upstream.ts';
import { ResponseStream, type ResponseImage, type StreamedResponse } from '../response/response-stream.ts';
import { broken, failed, succeeded, wholeSeconds } from './outcome-of.ts';
import { cutAt } from '../../domain/nesting.ts';
import { paidFor } from '../response/refusals.ts';
import { ResponseImagesService } from '../response/response-images.service.ts';
import { ResultsService, type Results, type Result } from './results.service.ts';
import { toApiError } from '../response/upstream-error.ts';

/** The upstream call of a generation, in flight. */
export interface RunningCall {
  /** Resolves with the first image or at the end. If the call fails before, rejects with the error that the client gets. */
  readonly response: Promise<StreamedResponse>;
  /** Resolves when the outcome is recorded and the response is complete. Never rejects. */
  readonly ended: Promise<void>;
}

/** One call and its results so far. */
interface Call {
  readonly generation: GenerationEntity;
  readonly accepted: AcceptedRequest;
  readonly asBase64: boolean;
  readonly response: ResponseStream;
  readonly results: Results;
}

/** Calls the upstream for a generation that is recorded as sent: stores the images, records the outcome, responds. */
@Injectable()
export class UpstreamCall {
  constructor(
    @Inject(UPSTREAM_CLIENT) private readonly client: Client,
    private readonly outcomes: OutcomeRecorder,
    private readonly results: ResultsService,
    private readonly responseImages: ResponseImagesService,
    private readonly pendingImages: PendingImages,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Calls the upstream once. The outcome is always recorded before the response ends. The signal cancels the generation. */
  start(generation: GenerationEntity, accepted: AcceptedRequest, signal: AbortSignal): RunningCall {
    const { id } = generation;
    const response = new ResponseStream(id);
    const asBase64 = accepted.request.response_format === 'b64_json';
    const ended = this.#run({ generation, accepted, asBase64, response, results: this.results.of(id) }, signal).catch(
      (error: unknown) => {
        this.logger.error({ generation_id: id, err: error }, 'a response that was paid for could not be sent');
        const message =
          'The images were generated and paid for, but could not be sent. Get them from the history under the x-generation-id.';
        response.fail(paidFor(id, message, error));
      },
    );
    const started = response.started();
    // Prevents an unhandledRejection when no request awaits the response.
    started.catch(() => undefined);
    return { response: started, ended };
  }

  async #run(call: Call, signal: AbortSignal | undefined): Promise<void> {
    let summary: GenerationSummary;
    try {
      summary = await this.#arrive(call, signal);
    } catch (error) {
      call.response.fail(await this.#failed(call, error));
      return;
    }
    await this.#succeeded(call, summary);
  }

  /** Receives each image as it arrives. The bytes of images go to disk as they arrive, however slowly the client reads. */
  async #arrive(call: Call, signal: AbortSignal | undefined): Promise<GenerationSummary> {
    const { accepted, generation, results } = call;
    const sink: Sink = (image) => results.receive(image.index, image.stream());
    // `await using`: a call that fails midway must close its connection.
    await using arriving = this.client.sendStream(accepted.request, accepted.extra, {
      idempotencyKey: generation.id,
      sink,
      ...(signal === undefined ? {} : { signal }),
    });
    for (;;) {
      const { done, value } = await arriving.next();
      // Billed images must be recorded and sent, so extra data that is nested too deeply is cut instead of refused.
      if (done) return { ...value, extra: cutAt(value.extra) };
      this.#take(call, value);
    }
  }

  #take({ asBase64, response, results }: Call, image: GeneratedImage): void {
    const result = results.add(image);
    if (!asBase64) return;
    results.record(result);
    // To keep the order, an image that must be fetched, and all images after it, wait until the call has ended.
    if (results.all.every(({ image: { inline } }) => inline)) response.add(this.#asArrived(result));
  }

  async #succeeded(call: Call, summary: GenerationSummary): Promise<void> {
    const { generation, response, results, asBase64 } = call;
    const { id } = generation;
    const created = wholeSeconds(summary.created) ?? Math.floor(generation.createdAt.getTime() / 1000);
    await results.recorded();
    results.omit(summary.omitted);
    checkpoint('response complete');
    // Before any fetch: if the process dies meanwhile, the history has what was billed and where to get it.
    const isRecorded = await this.outcomes.record(generation, succeeded(summary, created), results.rows);
    checkpoint('end recorded');
    this.logger.info(
      { generation_id: id, images: results.all.length, omitted: summary.omitted, attempts: summary.attempts },
      'a generation succeeded',
    );
    const waiting = asBase64 ? results.all.slice(response.length) : results.all;
    const fetches = waiting.map((result) => (isRecorded ? this.#fetch(result, id, asBase64) : Promise.resolve(result)));
    // All at once, and each is added as soon as it and those before it are here. One may fail while another is awaited.
    for (const fetching of fetches) fetching.catch(() => undefined);
    for (const fetching of fetches) {
      const result = await fetching;
      response.add(asBase64 ? await this.#asBase64(result) : await this.#asUrl(result, isRecorded));
    }
    response.complete({ created, extra: summary.extra });
  }

  /** Base64 needs the bytes now; a URL of this service can be opened later. */
  async #fetch(result: Result, id: string, isUrgent: boolean): Promise<Result> {
    const { row } = result;
    if (row.state !== 'pending') return result;
    return { ...result, row: await this.pendingImages.fetchForResponse({ ...row, generationId: id }, isUrgent) };
  }

  /** Handles every failure of the call and records it in the row. */
  async #failed({ generation, results }: Call, error: unknown): Promise<ApiError> {
    const { id } = generation;
    await results.recorded();
    if (!isWanImageError(error)) return this.#broken(generation, error, results);
    const response = toApiError(error);
    // Images that arrived before the failure were billed.
    const recorded = await this.outcomes.record(generation, failed(error, response), results.rows);
    this.logger.warn(
      {
        generation_id: id,
        outcome: error.outcome,
        kind: error.kind,
        status: error.status,
        // The client is not shown it.
        ...(error.kind === 'authentication' ? { upstream_message: error.serverMessage } : {}),
        recorded,
      },
      'a generation failed',
    );
    const { message, status, type, code, param, headers } = response;
    const named = { ...headers, 'x-generation-id': id };
    return new ApiError(message, { status, type, code, param, headers: named }, { cause: error });
  }

  /** The service itself failed during the call, so it is unknown how far the call got. */
  async #broken(generation: GenerationEntity, error: unknown, results: Results): Promise<ApiError> {
    const { id } = generation;
    this.logger.error({ generation_id: id, err: error }, 'a generation failed with an internal error');
    const message =
      'The service failed while the request was running. It may have been billed: check before you try again.';
    const response = paidFor(id, message, error);
    await this.outcomes.record(generation, broken(response), results.rows);
    return response;
  }

  /** The image as base64, whichever format the upstream sent. If there are no bytes, falls back to a URL. */
  async #asBase64({ image: { revisedPrompt, url }, row, memory, id }: Result): Promise<ResponseImage> {
    if (memory !== null) return this.responseImages.ofBytes(memory, revisedPrompt);
    const stored = { ...row, revisedPrompt, generationId: id };
    return (await this.responseImages.base64Of(stored)) ?? { revisedPrompt, url };
  }

  /** An image whose bytes have just arrived completely. */
  #asArrived({ image: { revisedPrompt, index }, row: { sha256, bytes }, memory, id }: Result): ResponseImage {
    if (memory !== null) return this.responseImages.ofBytes(memory, revisedPrompt);
    if (sha256 === null || bytes === null) return { revisedPrompt, url: null };
    const imageId = imageIdOf({ generationId: id, role: 'output', index });
    return this.responseImages.ofStored({ imageId, sha256, bytes }, revisedPrompt);
  }

  async #asUrl(result: Result, isRecorded: boolean): Promise<ResponseImage> {
    const { image, row, id } = result;
    const { revisedPrompt, url, inline, index } = image;
    if (isRecorded && row.state !== null && row.state !== 'lost') {
      return this.responseImages.ofUrl({ generationId: id, role: 'output', index }, revisedPrompt);
    }
    // The image is not in the history, so a URL of this service would not resolve: fall back to the upstream's URL.
    return inline ? this.#asBase64(result) : { revisedPrompt, url };
  }
}
