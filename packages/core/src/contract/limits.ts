/** All limits and enumerations of the contract. Source: the vendor's page, restated in `docs/contract.md`. */

/** `wan2.7-image-pro` reaches 4K in text-to-image; `wan2.7-image` is faster. */
export const MODELS = ['wan2.7-image-pro', 'wan2.7-image'] as const;

/** Maximum length of a prompt, in Unicode code points. */
export const MAX_PROMPT_CHARACTERS = 5000;

/** Maximum number of input images of a request. */
export const MAX_INPUT_IMAGES = 9;

/** Maximum size of an input image, decoded, in bytes (20 MB). */
export const MAX_INPUT_IMAGE_BYTES = 20 * 1024 * 1024;

/** Minimum of each side of an input image, in pixels. */
export const MIN_INPUT_IMAGE_SIDE = 240;
/** Maximum of each side of an input image, in pixels. */
export const MAX_INPUT_IMAGE_SIDE = 8000;

/** Longest side over shortest side, of input images and of custom sizes. */
export const MAX_ASPECT_RATIO = 8;

/** Maximum number of images of a request without `enable_sequential`. */
export const MAX_IMAGES = 4;
/** Maximum number of images of a request with `enable_sequential`, and its default. */
export const MAX_IMAGES_IN_SET = 12;

/** Side of the square of each preset, in pixels. With input images only its area counts. */
export const SIZE_PRESETS = { '1K': 1024, '2K': 2048, '4K': 4096 } as const;
/** The size of a request that names none. */
export const DEFAULT_SIZE = '2K';

/** Minimum pixels of a custom size in text-to-image: width times height. */
export const MIN_TEXT_TO_IMAGE_PIXELS = 768 * 768;
/** Maximum pixels of a custom size in text-to-image. */
export const MAX_TEXT_TO_IMAGE_PIXELS = 4096 * 4096;
/** Maximum pixels of a custom size in every other mode. */
export const MAX_OTHER_MODE_PIXELS = 2048 * 2048;

/** Maximum number of images that are read of one response: far more than any request asks for. */
export const MAX_RESPONSE_IMAGES = 100;

/** Largest seed; the smallest is 0. */
export const MAX_SEED = 2147483647;

/** URLs that expire, or base64. */
export const RESPONSE_FORMATS = ['url', 'b64_json'] as const;

/** Longest long poll of a history service, in seconds: shorter than the timeouts of common proxies. */
export const MAX_WAIT_SECONDS = 60;

/** How long a result URL of the vendor is valid, in milliseconds. */
export const RESULT_URL_LIFETIME_MS = 24 * 60 * 60 * 1000;
