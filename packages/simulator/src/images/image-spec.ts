/** An input image as an edit shows it: small, because the URL of the result carries it. */
export interface InputThumbnail {
  /** WEBP; null where the image could not be seen (a URL beyond loopback), then `label` is shown instead. */
  readonly webp: Uint8Array | null;
  readonly label: string;
}

/** All that is needed to draw an image: the same spec gives the same bytes, in any process, at any time. */
export interface ImageSpec {
  readonly width: number;
  readonly height: number;
  /** What decides palette and motif: hex of a hash of model, whole prompt and seed. A set shares it. */
  readonly theme: string;
  /** As much of the prompt as is written on the image. */
  readonly caption: string;
  readonly model: string;
  readonly seed: number | null;
  /** Place in the set, from 0. */
  readonly index: number;
  readonly total: number;
  readonly watermark: boolean;
  readonly inputs: readonly InputThumbnail[];
}
