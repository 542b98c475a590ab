import Negotiator from 'negotiator';
import { invalidRequest } from '../domain/api-error.ts';

export type ThumbnailFormat = 'webp' | 'jpeg';

/** The widths of thumbnails, in pixels. Few, so that requests for one image cannot fill the disk with its thumbnails. */
const WIDTHS = [160, 320, 640, 1280] as const;

const MAX_WIDTH = 1280;

const FIELD = 'width';

/**
 * The thumbnail width for a `?width=`: the same or the next larger of {@link WIDTHS}, at most the largest. Null if there is no `width`.
 * Throws if the value is not a width.
 */
export function readWidth(value: unknown): number | null {
  if (value === undefined) return null;
  // At most five digits: a typo such as 3200000 is an error.
  if (typeof value !== 'string' || !/^[1-9]\d{0,4}$/.test(value)) {
    throw invalidRequest(
      `${FIELD} must be a single whole number of pixels from 1 to 99999. Thumbnails are ${WIDTHS.join(', ')} pixels wide: other widths are rounded up, to at most ${MAX_WIDTH}. Leave it out for the original image.`,
      FIELD,
    );
  }
  return WIDTHS.find((width) => width >= Number(value)) ?? MAX_WIDTH;
}

/** WebP for clients that name it in `Accept`. A wildcard is no proof: clients that cannot decode images send it too. */
export function formatFor(accept: string | undefined): ThumbnailFormat {
  const accepted = new Negotiator({ headers: { accept } }).mediaTypes();
  return accepted.some((type) => type.toLowerCase() === 'image/webp') ? 'webp' : 'jpeg';
}
