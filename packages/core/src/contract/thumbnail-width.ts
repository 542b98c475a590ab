import { invalid, type Parsed } from './parsed.ts';

/** The widths of thumbnails, in pixels. There are few, so that the thumbnails of one image cannot fill the disk. */
export const THUMBNAIL_WIDTHS = [160, 320, 640, 1280] as const;

const LARGEST = THUMBNAIL_WIDTHS[3];

/** Five digits: a typo such as 3200000 is an error, not the largest thumbnail. */
const WIDTH = /^[1-9]\d{0,4}$/;

const MESSAGE = `width must be a whole number of pixels from 1 to 99999, passed once. Thumbnails are ${THUMBNAIL_WIDTHS.join(', ')} px wide: any other width gets the next larger one, at most ${LARGEST}. Omit width for the original image.`;

/**
 * Parses `fallback` of `GET /images/{id}`: whether the response is the original where a thumbnail cannot be rendered, instead of an error.
 */
export function parseThumbnailFallback(input: unknown): Parsed<boolean> {
  if (input === undefined || input === 'original') return { ok: true, value: input !== undefined };
  return invalid(
    'fallback',
    'fallback must be "original", passed once: omit it to get an error where there is no thumbnail.',
  );
}

/**
 * Parses `width` of `GET /images/{id}`: the width of the thumbnail to serve, in pixels, which is the requested one or the next larger of
 * {@link THUMBNAIL_WIDTHS}. Null without a width: the original image.
 */
export function parseThumbnailWidth(input: unknown): Parsed<number | null> {
  if (input === undefined) return { ok: true, value: null };
  if (typeof input !== 'string' || !WIDTH.test(input)) return invalid('width', MESSAGE);
  return { ok: true, value: THUMBNAIL_WIDTHS.find((width) => width >= Number(input)) ?? LARGEST };
}
