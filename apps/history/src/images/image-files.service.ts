import type { Readable } from 'node:stream';
import { MIME_TYPES, readImageInfo, type ImageInfo } from '@wan-image/core';
import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { IMAGE_STORE, READ_BYTES, type ByteRange, type ImageStore, type OpenFile } from '../storage/image-store.ts';
import { SPOOL, type Spool } from '../storage/spool.ts';
import type { StagedFile } from '../storage/staged-file.ts';
import { spill, stage } from '../storage/staging.ts';
import { LOGGER } from '../telemetry/logger.ts';
import { checkpoint } from '../telemetry/checkpoints.ts';
import { unreadable } from '../domain/image-errors.ts';

/** What is known of an image in the store, measured from its bytes. */
export interface StoredImage {
  /** Lowercase hex. */
  readonly sha256: string;
  readonly bytes: number;
  /** In pixels. */
  readonly width: number;
  readonly height: number;
  readonly mimeType: string;
}

/** Where bytes are that were paid for: in the store, in the spool until the store takes them, or in memory alone. */
export type ReceivedImage =
  | { readonly in: 'store' | 'spool'; readonly image: StoredImage }
  | { readonly in: 'memory'; readonly bytes: Uint8Array };

/** What finds the bytes of an image: the hash in the store, the id in the spool. */
export interface ImageFileKey {
  readonly imageId: string;
  readonly sha256: string;
  /** The length of the file. */
  readonly bytes: number;
}

/** The bytes are not an image. */
export class NotAnImageError extends Error {
  override readonly name = 'NotAnImageError';
}

/** Bytes of images, in and out of the store. */
@Injectable()
export class ImageFilesService {
  constructor(
    @Inject(IMAGE_STORE) private readonly imageStore: ImageStore,
    @Inject(SPOOL) private readonly spool: Spool,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /**
   * Stores an image that can be had again. Its format is read from the bytes, whatever its sender says. Rejects what is none of the four
   * formats, and what the store does not take; then nothing is left behind.
   */
  async store(bytes: AsyncIterable<Uint8Array>): Promise<StoredImage> {
    const file = await stage(bytes, this.imageStore.staging);
    try {
      const info = file.inspect(readImageInfo);
      if (!info) throw new NotAnImageError(`The ${file.bytes} bytes received are not a PNG, JPEG, BMP or WEBP image`);
      await this.imageStore.put(file);
      return storedImage(file, info);
    } catch (error) {
      await file.discard();
      throw error;
    }
  }

  /**
   * Takes in the bytes of an image that cannot be had again. If the store does not take them, the spool does, under the id of the image;
   * if that does not either, or they are not an image, they stay in memory. Rejects if the bytes break off, or a disk does not give back
   * what it took; then nothing is left behind.
   */
  async receive(imageId: string, bytes: AsyncIterable<Uint8Array>): Promise<ReceivedImage> {
    const file = await spill(bytes, [this.imageStore.staging, this.spool.staging]);
    try {
      return await this.#place(file, imageId);
    } catch (error) {
      await file.discard();
      throw error;
    }
  }

  async #place(file: StagedFile, imageId: string): Promise<ReceivedImage> {
    const info = file.inspect(readImageInfo);
    if (!info) {
      this.logger.error(
        { image_id: imageId, bytes: file.bytes },
        'the bytes received are not a PNG, JPEG, BMP or WEBP',
      );
      return { in: 'memory', bytes: await file.toMemory() };
    }
    const image = storedImage(file, info);
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
      this.logger.error({ sha256: file.sha256, err: error }, 'the store did not take an image');
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
      this.logger.error({ image_id: imageId, err: error }, 'the spool did not take an image');
      return false;
    }
  }

  /** A stored image, or a range of it. Null if there is none. Throws the response (503) if the store cannot be read. */
  async read(sha256: string, range?: ByteRange): Promise<Readable | null> {
    try {
      const file = await this.imageStore.open(sha256, range);
      return file && file.stream();
    } catch (error) {
      this.logger.error({ sha256, err: error }, 'an image could not be read');
      throw unreadable(error);
    }
  }

  /** Keeps garbage collection away from files whose rows the database has not taken yet, however long it is away. */
  async touch(sha256s: readonly string[]): Promise<void> {
    // Best effort, and again in a minute: some are in the spool and have no file in the store.
    for (const sha256 of sha256s) await this.imageStore.touch(sha256).catch(() => undefined);
  }

  /** An image that waits for the store. Null if this process has none of that id. */
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
   * The bytes of an image from the store or the spool, in chunks that share one buffer: each is valid until the next is requested.
   * Rejects if the image is in neither, or its file is shorter than it was.
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

  /** The store twice: between the first two looks the image may move from the spool to the store. */
  #sourcesOf({ imageId, sha256 }: ImageFileKey): readonly (() => Promise<OpenFile | null>)[] {
    const inStore = (): Promise<OpenFile | null> => this.imageStore.open(sha256);
    return [inStore, () => this.spool.open(imageId), inStore];
  }
}

/** What is known of a staged file that is an image. */
export function storedImage({ sha256, bytes }: Pick<StagedFile, 'sha256' | 'bytes'>, info: ImageInfo): StoredImage {
  const { width, height, format } = info;
  return { sha256, bytes, width, height, mimeType: MIME_TYPES[format] };
}

/** An image in memory, in chunks like those of one on a disk. */
export async function* inChunks(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += READ_BYTES) yield bytes.subarray(at, at + READ_BYTES);
}
