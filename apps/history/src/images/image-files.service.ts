import type { Readable } from 'node:stream';
import { MIME_TYPES, readImageInfo, type ImageInfo } from '@wan-image/core';
import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { isMissing } from '../storage/disk.ts';
import { IMAGE_STORE, READ_BYTES, type ImageStore } from '../storage/image-store.ts';
import { land, type Landed } from '../storage/staging.ts';
import { SPOOL, type Spool } from '../storage/spool.ts';
import { LOGGER } from '../telemetry/logger.ts';
import { checkpoint } from '../telemetry/checkpoints.ts';
import { unreadable } from './image-problems.ts';

/** What is known of an image that is kept, measured from its bytes. */
export interface StoredImage {
  readonly sha256: string;
  readonly bytes: number;
  readonly width: number;
  readonly height: number;
  readonly mimeType: string;
}

/** Where bytes came to lie that were paid for: in the store, in the spool until the store takes them, or in memory alone. */
export type ReceivedImage =
  | { readonly in: 'store' | 'spool'; readonly image: StoredImage }
  | { readonly in: 'memory'; readonly bytes: Uint8Array };

/** By what the bytes of an image are found: its id is its name in the spool. */
export interface ImageFileKey {
  readonly imageId: string;
  readonly sha256: string;
  /** How many there are. */
  readonly bytes: number;
}

/** Bytes that are no image. */
export class NotAnImageError extends Error {
  override readonly name = 'NotAnImageError';
}

/** Bytes of images, in and out of the store. */
@Injectable()
export class ImageFilesService {
  constructor(
    @Inject(IMAGE_STORE) private readonly store: ImageStore,
    @Inject(SPOOL) private readonly spool: Spool,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Keeps an image. Believes the bytes, not the name (ruling 14); rejects what is none of the four formats, keeping nothing. */
  async keep(bytes: AsyncIterable<Uint8Array>): Promise<StoredImage> {
    const staged = await this.store.stage(bytes);
    const info = await staged.inspect(readImageInfo);
    if (!info) {
      await staged.discard();
      throw new NotAnImageError(`The ${staged.bytes} bytes that came are no PNG, JPEG, BMP or WEBP`);
    }
    await staged.commit();
    return imageOf(staged, info);
  }

  /**
   * Takes in the bytes of an image that cannot be had again. Where the store does not take them, the spool does, under the id of the
   * image; where that does not either, or where they are no image, they are in memory. Rejects as the bytes do, or where a disk does not
   * give back what it took; then nothing is left behind.
   */
  async receive(imageId: string, bytes: AsyncIterable<Uint8Array>): Promise<ReceivedImage> {
    const landed = await land(bytes, [this.store.staging, this.spool.staging]);
    try {
      return await this.#placed(landed, imageId);
    } catch (error) {
      await landed.discard();
      throw error;
    }
  }

  async #placed(landed: Landed, imageId: string): Promise<ReceivedImage> {
    const info = landed.inspect(readImageInfo);
    if (!info) {
      this.logger.error({ image_id: imageId, bytes: landed.bytes }, 'what came is no PNG, JPEG, BMP or WEBP');
      return { in: 'memory', bytes: await landed.toMemory() };
    }
    const image = imageOf(landed, info);
    if (await this.#stored(landed)) return { in: 'store', image };
    if (await this.#spooled(landed, imageId)) return { in: 'spool', image };
    return { in: 'memory', bytes: await landed.toMemory() };
  }

  async #stored(landed: Landed): Promise<boolean> {
    const path = landed.fileIn(this.store.staging);
    if (path === null) return false;
    try {
      await this.store.adopt(path, landed.sha256);
      checkpoint('image stored');
      await landed.close();
      return true;
    } catch (error) {
      this.logger.error({ sha256: landed.sha256, err: error }, 'the store did not take an image');
      return false;
    }
  }

  async #spooled(landed: Landed, imageId: string): Promise<boolean> {
    try {
      if (landed.fileIn(this.spool.staging) === null) await landed.moveTo(this.spool.staging);
      const path = landed.fileIn(this.spool.staging);
      if (path === null) return false;
      await this.spool.adopt(path, imageId);
      checkpoint('image spooled');
      await landed.close();
      this.logger.warn({ image_id: imageId }, 'an image waits in the spool for the store');
      return true;
    } catch (error) {
      this.logger.error({ image_id: imageId, err: error }, 'the spool did not take an image');
      return false;
    }
  }

  /** Null where there is none. Throws the answer where the store cannot tell. */
  async read(sha256: string, range?: { readonly start: number; readonly end: number }): Promise<Readable | null> {
    try {
      return await this.store.read(sha256, range);
    } catch (error) {
      this.logger.error({ sha256, err: error }, 'an image could not be read');
      throw unreadable(error);
    }
  }

  /** Keeps the sweep away from files whose rows the database has not taken yet, however long it is away. */
  async renew(sha256s: readonly string[]): Promise<void> {
    // Of what lies in the spool there is no file.
    for (const sha256 of sha256s) await this.store.renew(sha256).catch(() => undefined);
  }

  /** An image that waits for the store; null where this process has none of that id. */
  readSpooled(imageId: string): Promise<Readable | null> {
    return this.spool.read(imageId);
  }

  /** Whether an image can be read from anywhere. */
  async has(key: ImageFileKey): Promise<boolean> {
    const pieces = this.chunks(key);
    try {
      await pieces.next();
      return true;
    } catch {
      return false;
    } finally {
      await pieces.return();
    }
  }

  /** The bytes of an image wherever it is, each piece in the same memory. Rejects where it is nowhere, or breaks off. */
  async *chunks(key: ImageFileKey): AsyncGenerator<Uint8Array, void, void> {
    let isBegun = false;
    for (const source of this.#sourcesOf(key)) {
      try {
        for await (const piece of source()) {
          isBegun = true;
          yield piece;
        }
        return;
      } catch (error) {
        if (isBegun || !isMissing(error)) {
          this.logger.error({ image_id: key.imageId, err: error }, 'an image that was kept could not be read');
        }
        if (isBegun) throw error;
      }
    }
    throw new Error(`The image ${key.imageId} is neither in the store nor in the spool any more`);
  }

  /** Between the looks at the first two it may be moved from the spool to the store. */
  #sourcesOf({ imageId, sha256, bytes }: ImageFileKey): readonly (() => AsyncIterable<Uint8Array>)[] {
    const inStore = (): AsyncIterable<Uint8Array> => this.store.chunks(sha256, bytes);
    return [inStore, () => this.spool.chunks(imageId, bytes), inStore];
  }
}

function imageOf({ sha256, bytes }: { sha256: string; bytes: number }, info: ImageInfo): StoredImage {
  const { width, height, format } = info;
  return { sha256, bytes, width, height, mimeType: MIME_TYPES[format] };
}

/** In pieces, like an image that is read from a disk. */
export async function* inChunks(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += READ_BYTES) yield bytes.subarray(at, at + READ_BYTES);
}
