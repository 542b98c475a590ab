import type { Readable } from 'node:stream';
import { inspectImage, MIME_TYPES, type ImageInfo } from '@wan-image/core';
import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { DISK_RESERVE, type DiskReserve } from '../storage/disk-reserve.ts';
import { IMAGE_STORE, READ_BYTES, type ByteRange, type ImageStore, type OpenFile } from '../storage/image-store.ts';
import { SPOOL, type Spool } from '../storage/spool.ts';
import type { StagedFile } from '../storage/staged-file.ts';
import { spill, stage } from '../storage/staging.ts';
import { LOGGER } from '../telemetry/logger.ts';
import { checkpoint } from '../telemetry/checkpoints.ts';
import { unreadable } from '../domain/image-errors.ts';
import { boundedUnlessImage, NotAnImageError, TYPE_BYTES, typeOf } from './unrecognized-bytes.ts';

/** Properties of a stored image, measured from its bytes. */
export interface StoredImage {
  /** Lowercase hex. */
  readonly sha256: string;
  readonly bytes: number;
  /** In pixels, as the image is shown. Null if the service cannot read them. */
  readonly width: number | null;
  readonly height: number | null;
  readonly mimeType: string;
  /** What is unusual about the bytes, for people. */
  readonly warning?: string | null;
  /** By EXIF, 1 to 8; null if the file has none, absent where nobody needs it. */
  readonly orientation?: number | null;
}

/** A stored image whose sides are known. */
export interface MeasuredImage extends StoredImage {
  readonly width: number;
  readonly height: number;
}

const UNRECOGNIZED =
  'The bytes are not a PNG, JPEG, BMP or WEBP image, or its header cannot be read. They are kept as they came, and served as a download.';

/** Throws where bytes that can be downloaded again should be. `info` is null for what is not one of the four formats, or has no readable header. */
type Accepts<Info extends ImageInfo | null> = (file: StagedFile, info: Info) => Promise<void>;

/** Where bytes that were paid for are: in the store, in the spool until the store accepts them, or only in memory. */
export type ReceivedImage =
  | { readonly in: 'store' | 'spool'; readonly image: StoredImage }
  | { readonly in: 'memory'; readonly bytes: Uint8Array };

/** Locates the bytes of an image: by hash in the store, by id in the spool. */
export interface ImageFileKey {
  readonly imageId: string;
  readonly sha256: string;
  /** The length of the file. */
  readonly bytes: number;
}

/** Reads and writes the bytes of images. */
@Injectable()
export class ImageFilesService {
  constructor(
    @Inject(IMAGE_STORE) private readonly imageStore: ImageStore,
    @Inject(SPOOL) private readonly spool: Spool,
    @Inject(DISK_RESERVE) private readonly reserve: DiskReserve | null,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /**
   * Stores an image that can be downloaded again. Its format is detected from the bytes, regardless of the declared type. Rejects if it is
   * none of the four formats, if `accepts` refuses it, or if the store does not accept it; then no file remains.
   */
  async store(bytes: AsyncIterable<Uint8Array>, accepts?: Accepts<ImageInfo>): Promise<MeasuredImage> {
    return this.#store(bytes, async (file) => {
      const { info } = await inspectImage(file);
      if (!info) throw new NotAnImageError(`The ${file.bytes} bytes received are not a PNG, JPEG, BMP or WEBP image`);
      await accepts?.(file, info);
      return storedImage(file, info);
    });
  }

  /**
   * Stores bytes that were paid for and can be downloaded again, whatever they are. Rejects if there are none, or more than 16 MiB of what
   * is not an image of any format, if `accepts` refuses them, or if the store does not accept them; then no file remains.
   */
  async storeAny(bytes: AsyncIterable<Uint8Array>, accepts?: Accepts<ImageInfo | null>): Promise<StoredImage> {
    return this.#store(boundedUnlessImage(bytes), (file) => describe(file, accepts));
  }

  /** Those whose disk the embedded database does not need for itself. */
  async #foldersWithRoom(): Promise<string[]> {
    const folders = [this.imageStore.staging, this.spool.staging];
    const { reserve } = this;
    if (reserve === null) return folders;
    const allowed = await Promise.all(folders.map((folder) => reserve.allowsFileIn(folder)));
    return folders.filter((_, index) => allowed[index] === true);
  }

  async #store<T>(bytes: AsyncIterable<Uint8Array>, look: (file: StagedFile) => Promise<T>): Promise<T> {
    const file = await stage(bytes, this.imageStore.staging);
    try {
      const image = await look(file);
      await this.imageStore.put(file);
      return image;
    } catch (error) {
      await file.discard();
      throw error;
    }
  }

  /**
   * Receives bytes that were paid for and cannot be downloaded again, whatever they are. If the store does not accept them, they go to the
   * spool, under the id of the image; if the spool does not either, they stay in memory. Rejects if the bytes end early, if there are more
   * than 16 MiB of what is not an image of any format, or if a disk does not return what was written to it; then no file remains.
   */
  async receive(imageId: string, bytes: AsyncIterable<Uint8Array>): Promise<ReceivedImage> {
    const file = await spill(boundedUnlessImage(bytes), await this.#foldersWithRoom());
    try {
      return await this.#place(file, imageId);
    } catch (error) {
      await file.discard();
      throw error;
    }
  }

  async #place(file: StagedFile, imageId: string): Promise<ReceivedImage> {
    const image = await describe(file);
    if (image.width === null)
      this.logger.warn({ image_id: imageId, bytes: file.bytes }, 'the bytes received are not a PNG, JPEG, BMP or WEBP');
    if (await this.#isStored(file)) return { in: 'store', image };
    if (await this.#isSpooled(file, imageId)) return { in: 'spool', image };
    return { in: 'memory', bytes: await file.toMemory() };
  }

  async #isStored(file: StagedFile): Promise<boolean> {
    try {
      await this.imageStore.put(file);
      checkpoint('image stored');
      return true;
    } catch (error) {
      this.logger.error({ sha256: file.sha256, err: error }, 'the store could not store an image');
      return false;
    }
  }

  async #isSpooled(file: StagedFile, imageId: string): Promise<boolean> {
    try {
      if (file.pathIn(this.spool.staging) === null) await file.moveTo(this.spool.staging);
      await this.spool.put(file, imageId);
      checkpoint('image spooled');
      this.logger.warn({ image_id: imageId }, 'an image waits in the spool for the store');
      return true;
    } catch (error) {
      this.logger.error({ image_id: imageId, err: error }, 'the spool could not store an image');
      return false;
    }
  }

  /** A stored image, or a range of it. Null if there is none. Throws the error response (503) if the store cannot be read. */
  async read(sha256: string, range?: ByteRange): Promise<Readable | null> {
    try {
      const file = await this.imageStore.open(sha256, range);
      return file && file.stream();
    } catch (error) {
      this.logger.error({ sha256, err: error }, 'an image could not be read');
      throw unreadable(error);
    }
  }

  /** Protects files of buffered rows from garbage collection, however long the database is unavailable. */
  async touch(sha256s: readonly string[]): Promise<void> {
    // Best effort, repeated every minute: some files are in the spool and not in the store.
    for (const sha256 of sha256s) await this.imageStore.touch(sha256).catch(() => undefined);
  }

  /** An image in the spool. Null if this process has none with that id. */
  async readSpooled(imageId: string): Promise<Readable | null> {
    const file = await this.spool.open(imageId);
    return file && file.stream();
  }

  /** Whether an image can be read, from the store or the spool. */
  async has(key: ImageFileKey): Promise<boolean> {
    const chunks = this.chunks(key);
    try {
      await chunks.next();
      return true;
    } catch {
      return false;
    } finally {
      await chunks.return();
    }
  }

  /**
   * The bytes of an image from the store or the spool, in chunks that share one buffer: each is valid until the next is requested. Rejects
   * if the image is in neither, or if its file is shorter than recorded.
   */
  async *chunks(key: ImageFileKey): AsyncGenerator<Uint8Array, void, void> {
    let hasBegun = false;
    for (const open of this.#sourcesOf(key)) {
      try {
        const file = await open();
        if (file === null) continue;
        for await (const chunk of file.chunks(key.bytes)) {
          hasBegun = true;
          yield chunk;
        }
        return;
      } catch (error) {
        this.logger.error({ image_id: key.imageId, err: error }, 'a stored image could not be read');
        if (hasBegun) throw error;
      }
    }
    throw new Error(`The image ${key.imageId} is neither in the store nor in the spool any more`);
  }

  /** Contains the store twice: between the first two lookups the image may move from the spool to the store. */
  #sourcesOf({ imageId, sha256 }: ImageFileKey): readonly (() => Promise<OpenFile | null>)[] {
    const inStore = (): Promise<OpenFile | null> => this.imageStore.open(sha256);
    return [inStore, () => this.spool.open(imageId), inStore];
  }
}

/** The properties of a staged file that is an image. */
export function storedImage({ sha256, bytes }: Pick<StagedFile, 'sha256' | 'bytes'>, info: ImageInfo): MeasuredImage {
  const { width, height, format, orientation } = info;
  return { sha256, bytes, width, height, mimeType: MIME_TYPES[format], orientation };
}

/** The properties of any staged file. Throws if it is empty. */
async function describe(file: StagedFile, accepts?: Accepts<ImageInfo | null>): Promise<StoredImage> {
  const { format, info } = await inspectImage(file);
  if (info !== null) {
    await accepts?.(file, info);
    return storedImage(file, info);
  }
  if (file.bytes === 0) throw new NotAnImageError('The image has no bytes');
  await accepts?.(file, null);
  const mimeType = format === null ? await typeOf(await file.head(TYPE_BYTES)) : MIME_TYPES[format];
  const { sha256, bytes } = file;
  return { sha256, bytes, width: null, height: null, mimeType, warning: UNRECOGNIZED };
}

/** An image in memory, in chunks like those of a file. */
export async function* inChunks(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += READ_BYTES) yield bytes.subarray(at, at + READ_BYTES);
}
