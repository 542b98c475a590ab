import { InputImage } from '@wan-image/core';
import type { StoredImage } from '../../images/image-files.service.ts';
import type { ImageStore } from '../../storage/image-store.ts';

export interface Provenance {
  /** What the upstream is told: the type that the caller stated, where it stated one. */
  readonly mimeType?: string;
  /** The image of this service that it is, where it was given as its URL. */
  readonly fromImage?: string;
}

/** An input image whose bytes are in the store, or will be when its request is accepted. */
export class StoredInput extends InputImage {
  readonly kept: StoredImage;
  readonly fromImage: string | null;

  constructor(
    store: Pick<ImageStore, 'read'>,
    kept: StoredImage,
    { mimeType = kept.mimeType, fromImage }: Provenance = {},
  ) {
    super(mimeType, kept.bytes, () => read(store, kept.sha256));
    this.kept = kept;
    this.fromImage = fromImage ?? null;
  }
}

async function* read(store: Pick<ImageStore, 'read'>, sha256: string): AsyncIterable<Uint8Array> {
  const stream = await store.read(sha256);
  if (!stream) throw new Error(`The file of image ${sha256} is gone from the store`);
  yield* stream;
}
