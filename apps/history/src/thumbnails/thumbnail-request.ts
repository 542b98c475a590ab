import { invalidRequest } from '../domain/api-error.ts';

export type ThumbnailFormat = 'webp' | 'jpeg';

/** The widths that thumbnails have, in pixels: a few, so that one image cannot fill the disk with its forms. */
const LADDER = [160, 320, 640, 1280] as const;

const LARGEST = 1280;

const FIELD = 'width';

/**
 * The step that a `?width=` means: itself, else the next one up, at most the largest; null where there is none. Throws where it is no
 * width.
 */
export function readWidth(given: unknown): number | null {
  if (given === undefined) return null;
  // Five digits: a typo such as 3200000 is told, not served.
  if (typeof given !== 'string' || !/^[1-9]\d{0,4}$/.test(given)) {
    throw invalidRequest(
      `${FIELD} must be a whole number of pixels from 1 to 99999, given once. Thumbnails are ${LADDER.join(', ')} wide: another width gets the next one up, at most ${LARGEST}. Leave it out for the image as it is.`,
      FIELD,
    );
  }
  return LADDER.find((step) => step >= Number(given)) ?? LARGEST;
}

/** WebP for who names it; a star is what clients send that show no images. */
export function formatFor(accept: string | undefined): ThumbnailFormat {
  return (accept ?? '').split(',').some(isWebp) ? 'webp' : 'jpeg';
}

function isWebp(range: string): boolean {
  const [type, ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
  return type === 'image/webp' && !parameters.some((parameter) => /^q=0(?:\.0{0,3})?$/.test(parameter));
}
