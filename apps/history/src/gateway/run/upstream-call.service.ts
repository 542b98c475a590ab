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
import { StoredImagesService } from '../../images/stored-images.service.ts';
import { LOGGER } from '../../telemetry/logger.ts';
import { checkpoint } from '../../telemetry/checkpoints.ts';
import { UPSTREAM_CLIENT } from '../../upstream/upstream.ts';
import { ResponseStream, type ResponseImage, type Work } from '../response/response-stream.ts';
import { broken, failed, succeeded, wholeSeconds } from './outcome-of.ts';
import { cutAt } from '../../domain/nesting.ts';
import { paidFor } from '../response/refusals.ts';
import { ResponseImagesService } from '../response/response-images.service.ts';
import { ResultsService, type Results, type Result } from './results.service.ts';
import { toApiError } from '../response/upstream-error.ts';

/** One call, and what has come of it so far. */
interface Call {
  readonly generation: GenerationEntity;
  readonly accepted: AcceptedRequest;
  readonly asBase64: boolean;
  readonly response: ResponseStream;
  readonly results: Results;
}

/** The call upstream of a generation that is recorded as sent: keep the images, record the end, answer. */
@Injectable()
export class UpstreamCall {
  readonly #client: Client;
  readonly #endings: OutcomeRecorder;
  readonly #results: ResultsService;
  readonly #responseImages: ResponseImagesService;
  readonly #images: StoredImagesService;
  readonly #logger: Logger;

  constructor(
    @Inject(UPSTREAM_CLIENT) client: Client,
    endings: OutcomeRecorder,
    results: ResultsService,
    responseImages: ResponseImagesService,
    images: StoredImagesService,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.#client = client;
    this.#endings = endings;
    this.#results = results;
    this.#responseImages = responseImages;
    this.#images = images;
    this.#logger = logger;
  }

  /** Calls upstream, once. However that ends, the record learns it before the answer does. The signal cancels the generation. */
  make(generation: GenerationEntity, accepted: AcceptedRequest, signal: AbortSignal): Work {
    const { id } = generation;
    const response = new ResponseStream(id);
    const asBase64 = accepted.request.response_format === 'b64_json';
    const ended = this.#run({ generation, accepted, asBase64, response, results: this.#results.of(id) }, signal).catch(
      (error: unknown) => {
        this.#logger.error({ generation_id: id, err: error }, 'a reply that was paid for could not be handed on');
        const message =
          'The images were made and paid for, but could not be handed on. Get them from the history under the x-generation-id.';
        response.fail(paidFor(id, message, error));
      },
    );
    const begun = response.begun();
    // Nobody may be there any more to hear of it.
    begun.catch(() => undefined);
    return { response: begun, ended };
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

  /** Takes in each image as it comes. Those of a base64 reply go to disk as they arrive, whoever reads the answer how fast. */
  async #arrive(call: Call, signal: AbortSignal | undefined): Promise<GenerationSummary> {
    const { accepted, generation, asBase64, results } = call;
    const sink: Sink = (image) => results.receive(image.index, image.stream());
    // What stops in the middle must not keep its connection.
    await using arriving = this.#client.sendStream(accepted.request, accepted.extra, {
      idempotencyKey: generation.id,
      ...(asBase64 ? { sink } : {}),
      ...(signal === undefined ? {} : { signal }),
    });
    for (;;) {
      const { done, value } = await arriving.next();
      // What was paid for has to be recorded and answered, whatever else came with it.
      if (done) return { ...value, extra: cutAt(value.extra) };
      await this.#take(call, value);
    }
  }

  async #take({ asBase64, response, results }: Call, given: GeneratedImage): Promise<void> {
    if (given.inline && !asBase64) await results.receive(given.index, given.stream());
    const result = results.add(given);
    if (!asBase64) return;
    results.record(result);
    // What has to be fetched first, and what comes after it, waits for the end: the order holds.
    if (results.all.every(({ given: { inline } }) => inline)) response.add(this.#asArrived(result));
  }

  async #succeeded(call: Call, summary: GenerationSummary): Promise<void> {
    const { generation, response, results, asBase64 } = call;
    const { id } = generation;
    const created = wholeSeconds(summary.created) ?? Math.floor(generation.createdAt.getTime() / 1000);
    await results.recorded();
    checkpoint('reply complete');
    // Before anything is fetched: if the process dies meanwhile, the history knows what was paid for and where it is.
    const isRecorded = await this.#endings.record(generation, succeeded(summary, created), results.rows);
    checkpoint('ending recorded');
    this.#logger.info(
      { generation_id: id, images: results.all.length, attempts: summary.attempts },
      'a generation succeeded',
    );
    const waiting = asBase64 ? results.all.slice(response.length) : results.all;
    const kept = isRecorded ? await Promise.all(waiting.map((result) => this.#fetch(result, id))) : waiting;
    for (const result of kept) {
      response.add(asBase64 ? await this.#asBase64(result) : await this.#asUrl(result, isRecorded));
    }
    response.complete({ created, extra: summary.extra });
  }

  async #fetch(result: Result, id: string): Promise<Result> {
    const { row } = result;
    if (row.state !== 'pending') return result;
    return { ...result, row: await this.#images.fetchForResponse({ ...row, generationId: id }) };
  }

  /** Every way in which the call can fail ends here, and in the row. */
  async #failed({ generation, results }: Call, error: unknown): Promise<ApiError> {
    const { id } = generation;
    await results.recorded();
    if (!isWanImageError(error)) return this.#broken(generation, error, results);
    const response = toApiError(error);
    // What had come before it broke was paid for.
    const recorded = await this.#endings.record(generation, failed(error, response), results.rows);
    this.#logger.warn(
      { generation_id: id, outcome: error.outcome, kind: error.kind, status: error.status, recorded },
      'a generation failed',
    );
    const { message, status, type, code, param, headers } = response;
    const named = { ...headers, 'x-generation-id': id };
    return new ApiError(message, { status, type, code, param, headers: named }, { cause: error });
  }

  /** A fault of ours in the middle of the call: nobody knows how far it came. */
  async #broken(generation: GenerationEntity, error: unknown, results: Results): Promise<ApiError> {
    const { id } = generation;
    this.#logger.error({ generation_id: id, err: error }, 'a generation broke');
    const message =
      'Something broke in the service while the request was under way. It may have been billed: check before you try again.';
    const response = paidFor(id, message, error);
    await this.#endings.record(generation, broken(response), results.rows);
    return response;
  }

  /** In the form that was asked for, whichever form the vendor answered in; in any other rather than not at all. */
  async #asBase64({ given, row, memory, id }: Result): Promise<ResponseImage> {
    const { revisedPrompt, url } = given;
    if (memory !== null) return this.#responseImages.ofBytes(memory, revisedPrompt);
    const image = { ...row, revisedPrompt, generationId: id };
    return (await this.#responseImages.base64Of(image)) ?? { revisedPrompt, url };
  }

  /** As bytes, all of which came a moment ago. */
  #asArrived({ given: { revisedPrompt, index }, row: { sha256, bytes }, memory, id }: Result): ResponseImage {
    if (memory !== null) return this.#responseImages.ofBytes(memory, revisedPrompt);
    if (sha256 === null || bytes === null) return { revisedPrompt, url: null };
    const imageId = imageIdOf({ generationId: id, role: 'output', index });
    return this.#responseImages.ofKept({ imageId, sha256, bytes }, revisedPrompt);
  }

  async #asUrl(result: Result, isRecorded: boolean): Promise<ResponseImage> {
    const { given, row, id } = result;
    const { revisedPrompt, url, inline } = given;
    if (isRecorded && row.state !== 'lost') {
      return this.#responseImages.ofUrl({ generationId: id, role: 'output', index: given.index }, revisedPrompt);
    }
    // Not in the history, so our own URL would lead nowhere: the vendor's words are the best there is.
    return inline ? this.#asBase64(result) : { revisedPrompt, url };
  }
}
