import { bytesSource, readImageInfo } from '@wan-image/core';

/** `png 2048x2048`, as the bytes behind a URL say. */
export async function pictureAt(url: string): Promise<string> {
  const response = await fetch(url);
  const info = readImageInfo(bytesSource(new Uint8Array(await response.arrayBuffer())));
  return info ? `${info.format} ${info.width}x${info.height}` : `none (${response.status})`;
}
