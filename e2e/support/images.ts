import { bytesSource, readImageInfo } from '@wan-image/core';

/** `png 2048x2048`, as read from the bytes; undefined when they are no image. */
function describeImage(bytes: Uint8Array): string | undefined {
  const info = readImageInfo(bytesSource(bytes));
  return info ? `${info.format} ${info.width}x${info.height}` : undefined;
}

/** `png 2048x2048` of the image at a URL; `none (404)` when there is none. */
export async function imageAt(url: string): Promise<string> {
  const response = await fetch(url);
  return describeImage(new Uint8Array(await response.arrayBuffer())) ?? `none (${response.status})`;
}

/** `png 2048x2048` of an image in base64; `none` when it is no image. */
export function imageInBase64(base64: string | undefined): string {
  return describeImage(Buffer.from(base64 ?? '', 'base64')) ?? 'none';
}

/** The output that every program in `e2e/consumer` has to print. */
export const IMAGES: Readonly<Record<string, readonly string[]>> = {
  'generate url': ['1024x1024'],
  'stream url': ['1024x1024'],
  'generate b64_json': ['1024x1024'],
  'stream b64_json': ['1024x1024'],
};
