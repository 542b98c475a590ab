import type { ThumbnailFormat } from './thumbnail.entity.ts';

/** 8000 x 8000: no larger image goes in, and one of that size takes up to 250 MB to decode. */
export const MOST_PIXELS = 64_000_000;

/** Ten times what the largest takes on a slow machine; what takes longer was made to take long. */
const LIMIT_SECONDS = 30;

const QUALITY = { webp: 78, jpeg: 82 } as const;

let loading: Promise<typeof import('sharp').default> | undefined;

/** Loaded for the first thumbnail: the service starts faster without its libraries, and many never make one. */
function loadSharp(): Promise<typeof import('sharp').default> {
  loading ??= import('sharp').then(({ default: sharp }) => {
    // No image comes twice, so nothing is kept in memory; how many are made at once is the queue's to say.
    sharp.cache(false);
    sharp.concurrency(1);
    return sharp;
  });
  return loading;
}

/**
 * An image in a smaller width, upright as its camera says, in sRGB and without metadata. Of an animation, the first frame. WebP keeps
 * alpha; a JPEG has none, so there it lies on white, as on a page. Rejects what cannot be decoded.
 */
export async function renderThumbnail(
  original: Uint8Array,
  { width, format }: { readonly width: number; readonly format: ThumbnailFormat },
): Promise<Uint8Array> {
  const sharp = await loadSharp();
  const smaller = sharp(original, { limitInputPixels: MOST_PIXELS, failOn: 'error' })
    .autoOrient()
    .resize({ width, withoutEnlargement: true })
    .timeout({ seconds: LIMIT_SECONDS });
  return format === 'webp'
    ? smaller.webp({ quality: QUALITY.webp }).toBuffer()
    : smaller.flatten({ background: '#ffffff' }).jpeg({ quality: QUALITY.jpeg }).toBuffer();
}
