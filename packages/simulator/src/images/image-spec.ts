/** The thumbnail of an input image in an edit. It is small because the URL of the result contains it. */
export interface InputThumbnail {
  /** WEBP; null for an image that is not downloaded (a URL beyond loopback), where `label` is shown instead. */
  readonly webp: Uint8Array | null;
  readonly label: string;
}

/** Everything that determines an image: the same spec always renders to the same bytes, in any process. */
export interface ImageSpec {
  readonly width: number;
  readonly height: number;
  /** Determines palette and motif: the hex of a hash of model, complete prompt and seed. All images of a set share it. */
  readonly theme: string;
  /** The beginning of the prompt, which is written on the image. */
  readonly caption: string;
  readonly model: string;
  readonly seed: number | null;
  /** Index in the set, from 0. */
  readonly index: number;
  readonly total: number;
  readonly watermark: boolean;
  readonly inputs: readonly InputThumbnail[];
}
