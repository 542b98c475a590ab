import { InputImage } from '@wan-image/core';
import type { StoredImage } from '../../images/image-files.service.ts';
import type { ImageStore } from '../../storage/image-store.ts';

/** Where the bytes are read from; {@link readerOf} creates one from a store. */
interface ImageReader {
  read(sha256: string): Promise<AsyncIterable<Uint8Array> | null>;
}

export interface Provenance {
  /** The type that is declared to the upstream: the client's, if it declared one. */
  readonly mimeType?: string;
  /** The id of the image of this service, if its URL was sent. */
  readonly fromImage?: string;
}

/** An input image whose bytes are in the store, or will be once its request is accepted. */
export class StoredInput extends InputImage {
  readonly kept: StoredImage;
  readonly fromImage: string | null;

  constructor(reader: ImageReader, kept: StoredImage, { mimeType = kept.mimeType, fromImage }: Provenance = {}) {
    super(mimeType, kept.bytes, () => read(reader, kept.sha256));
    this.kept = kept;
    this.fromImage = fromImage ?? null;
  }
}

export function readerOf(store: Pick<ImageStore, 'open'>): ImageReader {
  return { read: async (sha256) => (await store.open(sha256))?.stream() ?? null };
}

async function* read(reader: ImageReader, sha256: string): AsyncIterable<Uint8Array> {
  const bytes = await reader.read(sha256);
  if (bytes === null) throw new Error(`The file of image ${sha256} is missing from the store`);
  yield* bytes;
}
