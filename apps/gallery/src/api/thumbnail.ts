/**
 * The URL of an image at this host: records name the public one, under which this browser may not have opened the page. What is in the bin
 * is shown to nobody by its signed URL alone, so there the signature goes, and the session decides.
 */
export function localUrl(url: string, isBinned = false): string {
  const { pathname, search } = new URL(url, location.origin);
  return isBinned ? pathname : pathname + search;
}

/** A small version of an image, that is made on demand; the image itself where none can be made. */
export function thumbnailUrl(url: string, width: 320 | 640 | 1280, isBinned = false): string {
  const image = localUrl(url, isBinned);
  return `${image}${image.includes('?') ? '&' : '?'}width=${width}&fallback=original`;
}
