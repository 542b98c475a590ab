import { InputPicture } from '@wan-image/core';
import type { KeptPicture } from '../../images/pictures.service.ts';
import type { ImageStore } from '../../storage/image-store.ts';

export interface Provenance {
  /** What the upstream is told: the type that the caller stated, where it stated one. */
  readonly mimeType?: string;
  /** The picture of this service that it is, where it was given as its URL. */
  readonly fromImage?: string;
}

/** An input picture whose bytes are in the store, or will be when its request is accepted. */
export class StoredPicture extends InputPicture {
  readonly kept: KeptPicture;
  readonly fromImage: string | null;

  constructor(
    store: Pick<ImageStore, 'read'>,
    kept: KeptPicture,
    { mimeType = kept.mimeType, fromImage }: Provenance = {},
  ) {
    super(mimeType, kept.bytes, () => read(store, kept.sha256));
    this.kept = kept;
    this.fromImage = fromImage ?? null;
  }
}

async function* read(store: Pick<ImageStore, 'read'>, sha256: string): AsyncIterable<Uint8Array> {
  const stream = await store.read(sha256);
  if (!stream) throw new Error(`The file of picture ${sha256} is gone from the store`);
  yield* stream;
}
