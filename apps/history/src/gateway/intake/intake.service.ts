import { acceptRequestWithImages, inputImagesOf, type AcceptedRequest, type InputImage } from '@wan-image/core';
import { Inject, Injectable } from '@nestjs/common';
import { setImmediate as immediate, setTimeout as sleep } from 'node:timers/promises';
import type { Readable } from 'node:stream';
import type { Logger } from 'pino';
import type { NewImage } from '../../generations/generation-image.entity.ts';
import type { Adapted } from '../../generations/generations.service.ts';
import { ApiError, brokenRules, invalidRequest } from '../../http/api-error.ts';
import { IMAGE_STORE, type ImageStore } from '../../storage/image-store.ts';
import { LOGGER } from '../../telemetry/logger.ts';
import { fingerprintOf } from '../fingerprint.ts';
import { notRecorded } from '../refusals.ts';
import { bodyChunks, MAX_BODY_BYTES, tooLarge } from './body-stream.ts';
import { adapt, DIALECT, type Dialect } from './dialect.ts';
import { readFormBody } from './form-body.ts';
import { IncomingImages } from './incoming-images.ts';
import type { Intake } from './intake.ts';
import { readJsonBody } from './json-body.ts';
import { OwnImagesService } from './own-images.service.ts';
import { StoredInput } from './stored-input.ts';
import type { UploadBudget } from './upload-budget.ts';

/** For injection: it is made from the settings. */
export const UPLOAD_BUDGET = Symbol('UPLOAD_BUDGET');

/** For injection: a setting. */
export const ARCHIVES_INPUTS = Symbol('ARCHIVES_INPUTS');

/** A request for images as it comes in, its body not yet read. */
export interface IncomingRequest {
  readonly contentType: string;
  /** Null where it does not say how long it is. */
  readonly contentLength: number | null;
  /** Null where there is none. */
  readonly body: Readable | null;
  /** Whether an image has to be among what it gives. */
  readonly isEdit: boolean;
  /** Whether an SDK says that it sends this again. */
  readonly isRetry: boolean;
  readonly projectId: string;
}

/** How long what is sent again waits for what came before it. */
const LONGEST_TURN_MS = 30_000;

const UNMEASURED = { sha256: null, width: null, height: null, bytes: null, mimeType: null };

/** Takes requests in: from the raw body to what the contract has accepted, with no image ever whole in memory. */
@Injectable()
export class IntakeService {
  readonly #archivesInputs: boolean;
  readonly #store: ImageStore;
  readonly #budget: UploadBudget;
  readonly #dialect: Dialect;
  readonly #ownImages: OwnImagesService;
  readonly #logger: Logger;
  readonly #reading = new Set<{ readonly contentLength: number | null; readonly over: Promise<unknown> }>();

  constructor(
    @Inject(IMAGE_STORE) store: ImageStore,
    @Inject(UPLOAD_BUDGET) budget: UploadBudget,
    @Inject(DIALECT) dialect: Dialect,
    ownImages: OwnImagesService,
    @Inject(LOGGER) logger: Logger,
    @Inject(ARCHIVES_INPUTS) archivesInputs: boolean,
  ) {
    this.#archivesInputs = archivesInputs;
    this.#store = store;
    this.#budget = budget;
    this.#dialect = dialect;
    this.#ownImages = ownImages;
    this.#logger = logger;
  }

  /**
   * Throws the answer for what is refused, and then leaves no file behind. What is sent again may be here before the first of it is, so
   * it waits for those of its length that came before it.
   */
  async read(request: IncomingRequest): Promise<Intake> {
    const { contentLength, isRetry } = request;
    const before = [...this.#reading].filter((other) => isRetry && other.contentLength === contentLength);
    const over = this.#read(request);
    const entry = { contentLength, over };
    this.#reading.add(entry);
    try {
      return await over;
    } finally {
      this.#reading.delete(entry);
      if (before.length > 0) await inTheirTurn(before.map((other) => other.over));
    }
  }

  async #read(request: IncomingRequest): Promise<Intake> {
    const images = new IncomingImages(this.#store);
    try {
      const body = await this.#bodyOf(request, images);
      if (request.isEdit) requireImage(body);
      const { body: meant, adapted } = adapt(body, this.#dialect);
      const accepted = await this.#withOwnImages(accept(meant), request.projectId);
      return this.#intakeOf({ ...accepted, adapted }, images);
    } catch (error) {
      // What has not been read would block the connection.
      request.body?.resume();
      await images.discard();
      if (error instanceof ApiError) throw error;
      this.#logger.error({ err: error }, 'a request could not be taken in');
      throw notRecorded(error);
    }
  }

  async #withOwnImages(accepted: AcceptedRequest, projectId: string): Promise<AcceptedRequest> {
    const { image } = accepted.request;
    if (image === undefined) return accepted;
    const found: (string | InputImage)[] = [];
    for (const [index, given] of inputImagesOf(accepted.request).entries()) {
      const name = Array.isArray(image) ? `image[${index}]` : 'image';
      found.push((typeof given === 'string' ? await this.#ownImages.find(given, name, projectId) : null) ?? given);
    }
    const [only] = found;
    const images = Array.isArray(image) || only === undefined ? found : only;
    return { ...accepted, request: { ...accepted.request, image: images } };
  }

  async #bodyOf({ body, contentType, contentLength }: IncomingRequest, images: IncomingImages): Promise<unknown> {
    if (body === null) return undefined;
    if ((contentLength ?? 0) > MAX_BODY_BYTES) throw tooLarge();
    using _held = this.#budget.hold(contentLength ?? MAX_BODY_BYTES);
    const chunks = bodyChunks(body);
    const isForm = /^multipart\/form-data/i.test(contentType);
    return isForm ? await readFormBody(contentType, chunks, images) : await readJsonBody(chunks, images);
  }

  #intakeOf(accepted: Adapted, incoming: IncomingImages): Intake {
    const images = inputImagesOf(accepted.request);
    return {
      accepted,
      inputs: images.map((image, index) => rowOf(image, index, this.#archivesInputs)),
      fingerprint: fingerprintOf(accepted),
      commit: () => incoming.commit(images),
      discard: () => incoming.discard(),
    };
  }
}

/** Not for ever: the connection of one of them may be dead. */
async function inTheirTurn(earlier: readonly Promise<unknown>[]): Promise<void> {
  const enough = new AbortController();
  const limit = sleep(LONGEST_TURN_MS, undefined, { signal: enough.signal, ref: false }).catch(() => undefined);
  await Promise.race([Promise.allSettled(earlier), limit]);
  enough.abort();
  // Whoever waited for one of them goes on first.
  await immediate();
}

function accept(body: unknown): AcceptedRequest {
  const result = acceptRequestWithImages(body);
  if (result.ok) return result.value;
  throw brokenRules(result.problems);
}

function requireImage(body: unknown): void {
  const isGiven = typeof body === 'object' && body !== null && 'image' in body && body.image !== null;
  if (isGiven) return;
  const message =
    'image is missing: give the image to be edited, up to 9 of them. Images from text alone are made by /v1/images/generations.';
  throw invalidRequest(message, 'image');
}

/** `archived`: whether a copy is to be made of what was given as a URL. */
function rowOf(image: string | InputImage, index: number, archived: boolean): NewImage {
  const common = { role: 'input', index, revisedPrompt: null } as const;
  if (image instanceof StoredInput) {
    return { ...common, ...image.kept, state: 'stored', sourceUrl: null, fromImage: image.fromImage };
  }
  const archive = archived ? ({ state: 'pending', tries: 0, tryAt: new Date() } as const) : ({ state: null } as const);
  return { ...common, ...UNMEASURED, ...archive, sourceUrl: typeof image === 'string' ? image : null };
}
