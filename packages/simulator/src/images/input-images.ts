import { bytesSource, MAX_INPUT_IMAGE_BYTES, readDataUri, readImageInfo, sniffImageFormat } from '@wan-image/core';
import sharp from 'sharp';
import { decodeBmp } from './decode-bmp.ts';
import type { InputThumbnail } from './image-spec.ts';

export interface InputImage {
  readonly width: number;
  readonly height: number;
  readonly thumbnail: InputThumbnail;
}

/** Longest side of a thumbnail in pixels, such that all thumbnails together fit into a URL. */
function thumbnailSide(count: number): number {
  if (count === 1) return 144;
  if (count === 2) return 104;
  return count <= 4 ? 72 : 48;
}

const LOOPBACK = /^(localhost|127(?:\.\d{1,3}){3}|\[::1\])$/i;
const FETCH_TIMEOUT_MS = 10_000;

/** An input image that could not be downloaded or decoded. */
export class InputDownloadError extends Error {}

/** Reads input images as the vendor would. Only data URIs and URLs on loopback are read; any other URL counts as a square image. */
export async function readInputImages(images: readonly string[]): Promise<InputImage[]> {
  const side = thumbnailSide(images.length);
  return Promise.all(images.map((image, index) => readInputImage(image, index, side)));
}

async function readInputImage(image: string, index: number, side: number): Promise<InputImage> {
  const label = `图${index + 1}`;
  const uri = readDataUri(image);
  if (uri) return readBytes(Buffer.from(uri.base64, 'base64'), label, side);
  if (!URL.canParse(image)) throw new InputDownloadError(`${label} is not a URL`);
  const url = new URL(image);
  if (!LOOPBACK.test(url.hostname)) return { width: 1024, height: 1024, thumbnail: { webp: null, label } };
  return readBytes(await download(url, index), label, side);
}

async function download(url: URL, index: number): Promise<Buffer> {
  try {
    // A redirect could lead away from loopback.
    const response = await fetch(url, { signal: AbortSignal.timeout(FETCH_TIMEOUT_MS), redirect: 'error' });
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    return await readCapped(response);
  } catch (cause) {
    throw new InputDownloadError(`image[${index}] could not be downloaded`, { cause });
  }
}

async function readCapped(response: Response): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > MAX_INPUT_IMAGE_BYTES) throw new Error(`More than ${MAX_INPUT_IMAGE_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function readBytes(bytes: Buffer, label: string, side: number): Promise<InputImage> {
  const source = bytesSource(bytes);
  const info = readImageInfo(source);
  if (!info) throw new InputDownloadError(`${label} is not a JPEG, PNG, BMP or WEBP`);
  try {
    // sharp reads everything but BMP.
    const image = sniffImageFormat(source) === 'bmp' ? decodeBmp(bytes) : sharp(bytes).autoOrient();
    const webp = await image.resize(side, side, { fit: 'inside' }).webp({ quality: 50 }).toBuffer();
    return { width: info.width, height: info.height, thumbnail: { webp, label } };
  } catch (cause) {
    throw new InputDownloadError(`${label} cannot be decoded`, { cause });
  }
}
