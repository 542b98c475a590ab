export type ThumbnailFormat = 'webp' | 'jpeg';

/** WebP for who names it; a star is what clients send that show no images. */
export function formatFor(accept: string | undefined): ThumbnailFormat {
  return (accept ?? '').split(',').some(isWebp) ? 'webp' : 'jpeg';
}

function isWebp(range: string): boolean {
  const [type, ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
  return type === 'image/webp' && !parameters.some((parameter) => /^q=0(?:\.0{0,3})?$/.test(parameter));
}
