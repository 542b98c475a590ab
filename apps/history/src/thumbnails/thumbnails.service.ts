import { buffer } from 'node:stream/consumers';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { Logger } from 'pino';
import { ApiError } from '../domain/api-error.ts';
import { SingleFlight } from '../domain/single-flight.ts';
import { ImageFilesService, type MeasuredImage } from '../images/image-files.service.ts';
import { LOGGER } from '../telemetry/logger.ts';
import { checkpoint } from '../telemetry/checkpoints.ts';
import { BoundedQueue, QueueFullError } from './bounded-queue.ts';
import { decodeBytes } from './decode-memory.ts';
import { MemoryBudget } from './memory-budget.ts';
import { MOST_PIXELS, readFacts, renderThumbnail } from './render-thumbnail.ts';
import type { ThumbnailFormat } from './thumbnail.entity.ts';
import type { ThumbnailEntity, ThumbnailKey } from './thumbnail.entity.ts';
import { renderThumbhash } from './render-thumbhash.ts';
import { ThumbhashesRepository, type HashedImage } from './thumbhashes.repository.ts';
import { ThumbnailsRepository } from './thumbnails.repository.ts';

/** Each rendering takes one of libuv's four threads, which file access to the store needs as well. */
const AT_ONCE = 2;

/** What all renderings hold at once, besides the files themselves. Enough for 8000 x 8000 interlaced pixels of four bytes. */
const MOST_BYTES = 330 * 1024 * 1024;

/** A page of a hundred images twice, for a user who returns to it. */
const MOST_WAITING = 256;

/** The code of the error for an image that has none. */
export const NO_THUMBNAIL = 'no_thumbnail';

/** A file of the store, and the original it was rendered from. */
interface Thumbnail extends ThumbnailKey {
  readonly sha256: string;
  readonly bytes: number;
  readonly mimeType: string;
}

/** Thumbnails of images: rendered on the first request, then stored. */
@Injectable()
export class ThumbnailsService implements OnApplicationShutdown {
  /** By thumbnail key: a second request for one that is being rendered waits for the same rendering. */
  readonly #renderings = new SingleFlight<string, Thumbnail | null>();
  readonly #memory = new MemoryBudget(MOST_BYTES);
  readonly #queue = new BoundedQueue({ concurrency: AT_ONCE, maxWaiting: MOST_WAITING });

  constructor(
    private readonly repository: ThumbnailsRepository,
    private readonly thumbhashes: ThumbhashesRepository,
    private readonly images: ImageFilesService,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Waits for renderings in flight, even if their clients have disconnected, because they are being written. */
  async onApplicationShutdown(): Promise<void> {
    await this.#renderings.settled();
  }

  /**
   * The thumbnail of an image, or null if the response is the original: it is no wider; it is a BMP, which can be displayed but not decoded
   * here; or the thumbnail cannot be stored.
   */
  async find(original: MeasuredImage, width: number, format: ThumbnailFormat): Promise<Thumbnail | null> {
    if (original.width <= width || original.mimeType === 'image/bmp') return null;
    const key = { sourceSha256: original.sha256, width, format };
    const made = await this.repository.find(key);
    return made ? toThumbnail(made) : this.#make(original, key);
  }

  /** Removes a thumbnail whose file is missing: it will be rendered again. */
  async forget(thumbnail: Thumbnail): Promise<void> {
    this.logger.warn({ sha256: thumbnail.sha256 }, 'the file of a thumbnail is missing');
    await this.repository.remove(thumbnail);
  }

  /** Whether no thumbnail is being rendered or waits. */
  get isIdle(): boolean {
    return this.#queue.isIdle;
  }

  /** Makes the thumbhash of an image in the store; null is recorded if it cannot be decoded here. Does nothing if its file is missing. */
  async makeThumbhash({ sha256, width, height }: HashedImage): Promise<void> {
    const isSmallEnough = width * height <= MOST_PIXELS;
    const stream = isSmallEnough ? await this.images.read(sha256) : null;
    if (isSmallEnough && stream === null) return;
    const hash = stream && (await this.#thumbhashOf(sha256, await buffer(stream)));
    await this.thumbhashes.add(sha256, hash);
  }

  async #thumbhashOf(sha256: string, original: Uint8Array): Promise<string | null> {
    try {
      return await this.#decode(sha256, original, () => renderThumbhash(original));
    } catch (error) {
      if (error instanceof ApiError && error.code === NO_THUMBNAIL) return null;
      throw error;
    }
  }

  #make(original: MeasuredImage, key: ThumbnailKey): Promise<Thumbnail | null> {
    return this.#renderings.run(`${key.sourceSha256} ${key.width} ${key.format}`, () =>
      this.#queue
        .run(() => this.#makeNow(original, key))
        .catch((error: unknown) => {
          throw error instanceof QueueFullError ? busy() : error;
        }),
    );
  }

  async #makeNow({ sha256, width, height }: MeasuredImage, key: ThumbnailKey): Promise<Thumbnail | null> {
    if (width * height > MOST_PIXELS) throw noThumbnail(`it has more than ${MOST_PIXELS / 1e6} million pixels`);
    const stream = await this.images.read(sha256);
    if (stream === null) return null;
    const bytes = await buffer(stream);
    const rendered = await this.#decode(sha256, bytes, () => renderThumbnail(bytes, key));
    await this.#recordThumbhash(sha256, bytes, rendered, key.format);
    return this.#store(rendered, key);
  }

  /** With the first thumbnail, from its pixels, unless as a JPEG they have lost what is transparent. A failure must not cost the thumbnail. */
  async #recordThumbhash(
    sha256: string,
    original: Uint8Array,
    rendered: Uint8Array,
    format: ThumbnailFormat,
  ): Promise<void> {
    try {
      if (await this.thumbhashes.has(sha256)) return;
      const image = format === 'webp' || !(await readFacts(original)).hasAlpha ? rendered : original;
      await this.thumbhashes.add(sha256, await this.#decode(sha256, image, () => renderThumbhash(image)));
    } catch (error) {
      this.logger.warn({ sha256, err: error }, 'the thumbhash of an image could not be made');
    }
  }

  async #store(rendered: Uint8Array, key: ThumbnailKey): Promise<Thumbnail | null> {
    try {
      const { sha256, bytes } = await this.images.store(once(rendered));
      checkpoint('thumbnail stored');
      return toThumbnail(await this.repository.add({ ...key, sha256, bytes, createdAt: new Date() }));
    } catch (error) {
      this.logger.error({ sha256: key.sourceSha256, err: error }, 'a thumbnail could not be stored');
      return null;
    }
  }

  /** Decodes an image as soon as there is memory for it. */
  async #decode<T>(sha256: string, original: Uint8Array, work: () => Promise<T>): Promise<T> {
    const bytes = await this.#undecodableIfThrown(sha256, readFacts(original).then(decodeBytes));
    if (bytes > MOST_BYTES)
      throw noThumbnail(`decoding it takes ${toMB(bytes)} MB of memory, above ${toMB(MOST_BYTES)} MB`);
    return this.#memory.use(bytes, () => this.#undecodableIfThrown(sha256, work()));
  }

  async #undecodableIfThrown<T>(sha256: string, work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      // No stack: the bytes come from others, and the decoder says what is wrong with them.
      this.logger.warn({ sha256, reason: String(error) }, 'an image could not be decoded');
      throw noThumbnail('it cannot be decoded here', error);
    }
  }
}

function toMB(bytes: number): number {
  return Math.ceil(bytes / 1024 ** 2);
}

function toThumbnail({ sourceSha256, width, format, sha256, bytes }: ThumbnailEntity): Thumbnail {
  return { sourceSha256, width, format, sha256, bytes, mimeType: `image/${format}` };
}

async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}

function noThumbnail(why: string, cause?: unknown): ApiError {
  const message = `This image has no thumbnail, because ${why}. Omit width to get the original.`;
  const facts = { status: 422, type: 'invalid_request_error', code: NO_THUMBNAIL, param: 'width' };
  return new ApiError(message, facts, { cause });
}

function busy(): ApiError {
  return new ApiError('Too many thumbnails are being generated. Try again in a few seconds.', {
    status: 503,
    type: 'server_error',
    code: 'thumbnails_busy',
    headers: { 'retry-after': '5' },
  });
}
