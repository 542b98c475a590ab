import type { DecodeFacts } from './decode-memory.ts';
import type { ThumbnailFormat } from './thumbnail.entity.ts';

/** 8000 x 8000: no larger image is accepted. */
export const MOST_PIXELS = 64_000_000;

/** Ten times what the largest image takes on a slow machine; an image that takes longer was crafted to. */
export const LIMIT_SECONDS = 30;

const QUALITY = { webp: 78, jpeg: 82 } as const;

let loading: Promise<typeof import('sharp').default> | undefined;

/** Loaded for the first thumbnail: the service starts faster without its libraries, and many never render one. */
export function loadSharp(): Promise<typeof import('sharp').default> {
  loading ??= import('sharp').then(({ default: sharp }) => {
    // No cache, because no image is rendered twice; a concurrency of 1, because the queue limits parallel renderings.
    sharp.cache(false);
    sharp.concurrency(1);
    return sharp;
  });
  return loading;
}

/** Reads the header. Rejects if it cannot be read, or the image has too many pixels. */
export async function readFacts(original: Uint8Array): Promise<DecodeFacts> {
  const sharp = await loadSharp();
  return sharp(original, { limitInputPixels: MOST_PIXELS }).metadata();
}

/**
 * Scales an image down to a width, oriented by its EXIF data, in sRGB and without metadata. For an animation, the first frame. WebP keeps
 * alpha; JPEG has none, so the image gets a white background, as on a page. Rejects if the image cannot be decoded.
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
