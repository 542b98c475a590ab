import Negotiator from 'negotiator';
import type { ThumbnailFormat } from '../thumbnails/thumbnail.entity.ts';

/** WebP for clients that name it in `Accept`. A wildcard does not count: clients that cannot decode images send it too. */
export function formatFor(accept: string | undefined): ThumbnailFormat {
  const accepted = new Negotiator({ headers: { accept } }).mediaTypes();
  return accepted.some((type) => type.toLowerCase() === 'image/webp') ? 'webp' : 'jpeg';
}
