import type { Readable } from 'node:stream';
import { Inject, Injectable } from '@nestjs/common';
import { GATEWAY_CONFIG, type GatewayConfig } from '../../config/slices.ts';
import { charsetOf } from '../../http/body-text.ts';
import { IMAGE_STORE, type ImageStore } from '../../storage/image-store.ts';
import { bodyChunks, MAX_BODY_BYTES, tooLarge } from './body-stream.ts';
import { readFormBody } from './form-body.ts';
import { IncomingImages } from './incoming-images.ts';
import { readJsonBody } from './json-body.ts';
import { UploadBudget } from './upload-budget.ts';

/** The body of an HTTP request, not yet read. */
export interface BodySource {
  readonly contentType: string;
  /** Null if the request does not declare it. */
  readonly contentLength: number | null;
  readonly contentEncoding: string | undefined;
  /** Null if there is no body. */
  readonly stream: Readable | null;
  /** Whose share of the upload budget the body uses; null for none. */
  readonly clientId: string | null;
}

/** A parsed body, with references to staged images in place of their bytes. */
export interface ReadBody {
  readonly value: unknown;
  readonly images: IncomingImages;
}

/** Reads request bodies, JSON or form, without holding a whole image in memory. */
@Injectable()
export class IntakeService {
  readonly #budget: UploadBudget;
  readonly #stallMs: number;

  constructor(
    @Inject(IMAGE_STORE) private readonly store: ImageStore,
    @Inject(GATEWAY_CONFIG) { maxUploadBytes, uploadStallMs }: Pick<GatewayConfig, 'maxUploadBytes' | 'uploadStallMs'>,
  ) {
    this.#budget = new UploadBudget(maxUploadBytes);
    this.#stallMs = uploadStallMs;
  }

  /** Throws an ApiError if the body is refused; no staged file remains then. */
  async read(source: BodySource): Promise<ReadBody> {
    const images = new IncomingImages(this.store);
    try {
      return { value: await this.#valueOf(source, images), images };
    } catch (error) {
      await images.discard();
      throw error;
    }
  }

  async #valueOf(source: BodySource, images: IncomingImages): Promise<unknown> {
    const { stream, contentType, contentLength, contentEncoding, clientId } = source;
    if (stream === null) return undefined;
    if ((contentLength ?? 0) > MAX_BODY_BYTES) throw tooLarge();
    using upload = this.#budget.begin(clientId);
    const chunks = bodyChunks(stream, { contentEncoding, stallMs: this.#stallMs, upload });
    const isForm = /^multipart\/form-data/i.test(contentType);
    return isForm
      ? await readFormBody(contentType, chunks, images)
      : await readJsonBody(chunks, images, charsetOf(contentType));
  }
}
