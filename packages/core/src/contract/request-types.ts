import type { InputImage } from './input-image.ts';
import type { MODELS, RESPONSE_FORMATS } from './limits.ts';
import type { SizePreset } from './size-rules.ts';

/** A model: `wan2.7-image-pro` reaches 4K in text-to-image, `wan2.7-image` is faster. */
export type ModelName = (typeof MODELS)[number];

/** What a response contains of each image: a URL that expires after 24 hours, or the bytes as base64. */
export type ResponseFormat = (typeof RESPONSE_FORMATS)[number];

/** The size of an image: a preset, or `{width}x{height}` in pixels, such as `1280x720`. The intersection keeps the presets in completions. */
export type ImageSize = SizePreset | (string & {});

/**
 * The parameters of a request but its images, as they are written. Undefined means absent. `docs/contract.md` of the repository has every
 * rule with its source.
 */
export interface GenerationParameters {
  /** `wan2.7-image-pro` reaches 4K in text-to-image; `wan2.7-image` is faster. */
  model: ModelName;
  /** What to generate or to change, in Chinese or English: 1 to 5000 characters (Unicode code points), not only white space. */
  prompt: string;
  /**
   * Number of images. Without `enable_sequential` 1 to 4, default 1. With it 1 to 12, default 12, as a maximum: the model decides how many
   * it generates. Each image is billed.
   */
  n?: number | undefined;
  /**
   * `1K` (1024x1024), `2K` (2048x2048, the default), `4K` (4096x4096; only `wan2.7-image-pro`, text-to-image), or `{width}x{height}` in
   * pixels: in total 768x768 to 4096x4096 for text-to-image, at most 2048x2048 with an input image or in a set, aspect ratio 1:8 to 8:1.
   * A preset with input images follows the ratio of the last one.
   */
  size?: ImageSize | undefined;
  /** Generates a set of related images (组图), up to `n`. Default false. */
  enable_sequential?: boolean | undefined;
  /** Reasons before it generates. Default true; takes effect only without an input image and without `enable_sequential`. */
  thinking_mode?: boolean | undefined;
  /** Adds a watermark to the images. Default false. */
  watermark?: boolean | undefined;
  /** A whole number from 0 to 2147483647. The same seed gives a similar result, not necessarily an identical one. 0 is a seed. */
  seed?: number | undefined;
  /** `url` (the default): the response has URLs, which expire after 24 hours. `b64_json`: it has the bytes. */
  response_format?: ResponseFormat | undefined;
}

/** A request with its images as text, as a JSON body has it: the input of `parseGenerationRequest`. */
export interface GenerationRequestInput extends GenerationParameters {
  /**
   * Images to edit, in the order that the prompt calls 图1, 图2: one, or a list of 1 to 9. Each is an http(s) URL or
   * `data:{MIME};base64,{data}`. JPEG, PNG without alpha, BMP or WEBP; at most 20 MB, 240 to 8000 px a side, aspect ratio 1:8 to 8:1.
   */
  image?: string | string[] | undefined;
}

/** The parameters of a request that the contract has accepted, but its images: the defaults that affect the price are filled in. */
export interface AcceptedParameters {
  /** The model that generates. */
  model: ModelName;
  /** 1 to 5000 characters (Unicode code points). */
  prompt: string;
  /** Number of images, 1 to 4; with `enable_sequential` the maximum, 1 to 12. Always sent: other hosts of this model default to 4. */
  n: number;
  /** A preset (`1K`, `2K`, `4K`), or `{width}x{height}` in pixels. */
  size: string;
  /** Whether the images are a set (组图); absent means false. */
  enable_sequential?: boolean;
  /** Whether the model reasons first; absent means true. */
  thinking_mode?: boolean;
  /** Whether the images get a watermark; absent means false. */
  watermark?: boolean;
  /** 0 to 2147483647. */
  seed?: number;
  /** Absent means `url`. */
  response_format?: ResponseFormat;
}

/** A request as it is sent upstream: every rule holds, and the defaults that affect the price are filled in. */
export interface GenerationRequest extends AcceptedParameters {
  /** http(s) URLs or data URIs: one as a string, several as a list, as the API wants it. */
  image?: string | string[];
}

/** {@link GenerationRequest} with images as strings, or as checked bytes that become base64 while they are sent. */
export interface ClientRequest extends AcceptedParameters {
  /** One as it is, several as a list. */
  image?: string | InputImage | (string | InputImage)[];
}
