import { InputImage, MAX_INPUT_IMAGES, RefusedImage } from '@wan-image/core';
import { ApiError, invalidRequest } from '../../domain/api-error.ts';

/** A body with its images in `image`, and how its client calls them. */
export interface EditBody {
  readonly body: unknown;
  /** Whether the images came in `images`, so that errors name `images[0].image_url` in place of `image[0]`. */
  readonly isOpenai: boolean;
}

/**
 * OpenAI's JSON form of an edit has its images in `images: [{ "image_url": … }]`, in order, and they are taken as `image`. Throws an
 * ApiError for a reference to an uploaded file, which this service does not have. Any other body is unchanged.
 */
export function readOpenaiEdit(body: unknown): EditBody {
  if (typeof body !== 'object' || body === null || !('images' in body) || !Array.isArray(body.images))
    return { body, isOpenai: false };
  const { images, ...rest } = body as { readonly images: readonly unknown[]; readonly image?: unknown };
  if ((rest.image ?? null) !== null)
    throw refusedAs('images', 'image and images are both given: send all images in one of them.');
  if (images.length > MAX_INPUT_IMAGES)
    throw refusedAs(
      'images',
      `images has ${images.length} images, at most ${MAX_INPUT_IMAGES} are allowed: send fewer.`,
    );
  const image = images.map((entry, index) => imageOf(entry, `images[${index}]`));
  return { body: { ...rest, ...(image.length === 0 ? {} : { image }) }, isOpenai: true };
}

/** The name of a problem of `image[0]` for a client that sent `images`. */
export function openaiName(text: string): string {
  return text.replace(/^image\[(\d+)\]/, 'images[$1].image_url');
}

function imageOf(entry: unknown, name: string): unknown {
  if (typeof entry !== 'object' || entry === null || entry instanceof InputImage || entry instanceof RefusedImage)
    throw refusedAs(
      name,
      `${name} must be an object with image_url, a URL or a data URI. A list of URLs goes in "image".`,
    );
  const { image_url: url, file_id: file } = entry as { readonly image_url?: unknown; readonly file_id?: unknown };
  if ((file ?? null) !== null)
    throw refusedAs(
      `${name}.file_id`,
      `${name}.file_id is not supported, because this service has no uploaded files: send the image itself in image_url, as a URL or a data URI.`,
    );
  if ((url ?? null) === null)
    throw refusedAs(`${name}.image_url`, `${name}.image_url is missing: send a URL or a data URI.`);
  return url;
}

function refusedAs(param: string, message: string): ApiError {
  return invalidRequest(message, param);
}
