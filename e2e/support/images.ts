import { bytesSource, readImageInfo } from '@wan-image/core';

/** `png 2048x2048`, as the bytes behind a URL say. */
export async function imageAt(url: string): Promise<string> {
  const response = await fetch(url);
  const info = readImageInfo(bytesSource(new Uint8Array(await response.arrayBuffer())));
  return info ? `${info.format} ${info.width}x${info.height}` : `none (${response.status})`;
}

/** What every program in `e2e/consumer` has to tell of its images. */
export const IMAGES: Readonly<Record<string, readonly string[]>> = {
  'generate url': ['1024x1024'],
  'stream url': ['1024x1024'],
  'generate b64_json': ['1024x1024'],
  'stream b64_json': ['1024x1024'],
};
