import {
  byteCountProblem,
  inspectedImageProblem,
  inspectImage,
  MAX_INPUT_IMAGE_SIDE,
  type ImageInfo,
} from '@wan-image/core';

/** What is known of a file that may become an input image. */
export interface CheckedFile {
  readonly info: ImageInfo | null;
  /** Why it cannot be sent, in the words of core, about `image`; null if it can. */
  readonly problem: string | null;
}

/** Checks a file by the rules of the contract, as the client does before it sends anything. Only its header is read. */
export async function checkFile(blob: Blob): Promise<CheckedFile> {
  const read = async (offset: number, count: number): Promise<Uint8Array> =>
    new Uint8Array(await blob.slice(offset, offset + count).arrayBuffer());
  const inspected = await inspectImage({ length: blob.size, read });
  const problem = byteCountProblem(blob.size, 'image') ?? inspectedImageProblem(inspected, 'image');
  return { info: inspected.info, problem };
}

/** The quality at which a JPEG shows no traces. */
const QUALITY = 0.95;

/**
 * The image as a JPEG on white: without transparency, in a format that is allowed, with sides that are. Null if the browser cannot read it.
 */
export async function convertedToJpeg(blob: Blob): Promise<Blob | null> {
  const bitmap = await createImageBitmap(blob).catch(() => null);
  if (bitmap === null) return null;
  const scale = Math.min(1, MAX_INPUT_IMAGE_SIDE / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.floor(bitmap.width * scale));
  canvas.height = Math.max(1, Math.floor(bitmap.height * scale));
  const context = canvas.getContext('2d');
  if (context === null) return null;
  context.fillStyle = '#ffffff';
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  return new Promise((resolve) => {
    canvas.toBlob(resolve, 'image/jpeg', QUALITY);
  });
}
