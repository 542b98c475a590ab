import type { GenerationRequestInput } from './request-types.ts';

/**
 * The meaning of each parameter and the rules that JSON Schema cannot express (those between fields).
 * Not part of the zod schema, so that a bundle of the client does not contain prose.
 */
export const PARAMETER_DESCRIPTIONS: Readonly<Record<keyof GenerationRequestInput, string>> = {
  model: 'wan2.7-image-pro reaches 4K in text-to-image; wan2.7-image is faster.',
  prompt: 'What to generate, in Chinese or English: 1 to 5000 characters (Unicode code points), not only white space.',
  image:
    'Input for editing: an http(s) URL or data:{MIME};base64,{data}, or a list of 1 to 9 of them, in the order that the prompt calls 图1, 图2. JPEG, PNG without alpha, BMP or WEBP; each at most 20 MB, 240 to 8000 px a side, aspect ratio 1:8 to 8:1.',
  n: 'Number of images. Without enable_sequential 1 to 4, default 1. With it 1 to 12, default 12, as a maximum: the model decides how many it generates.',
  size: 'A preset, 1K (1024x1024), 2K (2048x2048, the default) or 4K (4096x4096; only wan2.7-image-pro text-to-image); or {width}x{height}: 768x768 to 4096x4096 pixels in total for text-to-image, at most 2048x2048 in total with an input image or in a set, aspect ratio 1:8 to 8:1. A preset with input images follows the ratio of the last one.',
  enable_sequential: 'Generate a set of related images (组图). Default false.',
  thinking_mode:
    'Reason before generating. Default true; takes effect only without an input image and without enable_sequential.',
  watermark: 'Add a watermark to the image. Default false.',
  seed: 'The same seed gives a similar result, not necessarily an identical one. 0 is a valid seed.',
  response_format: 'url (the default; it expires after 24 hours) or b64_json.',
};
