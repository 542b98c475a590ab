import { InputPicture } from '@wan-image/core';
import type { KeptPicture } from '../../images/pictures.service.ts';
import type { ImageStore } from '../../storage/image-store.ts';

/** An input picture whose bytes are in the store, or will be when its request is accepted. */
export class StoredPicture extends InputPicture {
  readonly kept: KeptPicture;

  /** `mimeType` is what the upstream is told: the type that the caller stated, where it stated one. */
  constructor(store: Pick<ImageStore, 'read'>, kept: KeptPicture, mimeType: string = kept.mimeType) {
    super(mimeType, kept.bytes, () => read(store, kept.sha256));
    this.kept = kept;
  }
}

async function* read(store: Pick<ImageStore, 'read'>, sha256: string): AsyncIterable<Uint8Array> {
  const stream = await store.read(sha256);
  if (!stream) throw new Error(`The file of picture ${sha256} is gone from the store`);
  yield* stream;
}
