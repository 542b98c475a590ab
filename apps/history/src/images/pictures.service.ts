import { buffer } from 'node:stream/consumers';
import type { Readable } from 'node:stream';
import { MIME_TYPES, readImageInfo } from '@wan-image/core';
import { Inject, Injectable } from '@nestjs/common';
import { IMAGE_STORE, type ImageStore } from '../storage/image-store.ts';

/** What is known of a picture that is kept, measured from its bytes. */
export interface KeptPicture {
  readonly sha256: string;
  readonly bytes: number;
  readonly width: number;
  readonly height: number;
  readonly mimeType: string;
}

/** Bytes of pictures, in and out of the store. */
@Injectable()
export class PicturesService {
  readonly #store: ImageStore;

  constructor(@Inject(IMAGE_STORE) store: ImageStore) {
    this.#store = store;
  }

  /** Keeps a picture. Believes the bytes, not the name (ruling 14); rejects what is none of the four formats, keeping nothing. */
  async keep(bytes: AsyncIterable<Uint8Array>): Promise<KeptPicture> {
    const staged = await this.#store.stage(bytes);
    const info = await staged.inspect(readImageInfo);
    if (!info) {
      await staged.discard();
      throw new Error(`The ${staged.bytes} bytes that came are no PNG, JPEG, BMP or WEBP`);
    }
    await staged.commit();
    const { width, height, format } = info;
    return { sha256: staged.sha256, bytes: staged.bytes, width, height, mimeType: MIME_TYPES[format] };
  }

  read(sha256: string, range?: { readonly start: number; readonly end: number }): Promise<Readable | null> {
    return this.#store.read(sha256, range);
  }

  async readBase64(sha256: string): Promise<string> {
    const stream = await this.#store.read(sha256);
    if (!stream) throw new Error(`The file of picture ${sha256} is gone from the store`);
    return (await buffer(stream)).toString('base64');
  }
}
