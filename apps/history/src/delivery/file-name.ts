import { create } from 'content-disposition';
import { extensionOf, wordsOf } from '../domain/file-words.ts';
import { readImageId } from '../domain/image-key.ts';

export interface FileFacts {
  readonly imageId: string;
  readonly mimeType: string;
  /** Null for a client that may see the image, but not the record of its generation. */
  readonly prompt: string | null;
  /** Saves the file instead of showing it. */
  readonly isDownload: boolean;
}

/**
 * The `content-disposition` of an image: `2026-11-27 a-cat-on-a-windowsill 0.png`, for clients that know only ASCII and for those that may
 * not see the prompt `2026-11-27 08.15.32 wan-image 0.png`.
 */
export function contentDisposition({ imageId, mimeType, prompt, isDownload }: FileFacts): string {
  const [date, time, position] = partsOf(imageId);
  const extension = extensionOf(mimeType);
  const plain = `${date} ${time} wan-image ${position}.${extension}`;
  const words = wordsOf(prompt ?? '');
  const name = words === '' ? plain : `${date} ${words} ${position}.${extension}`;
  const fallback = /^[ -~]*$/.test(name) ? name : plain;
  return create(name, { type: isDownload ? 'attachment' : 'inline', fallback });
}

/** When the generation was made, in UTC, and which of its images it is. The id, a UUID v7, has both. */
function partsOf(imageId: string): readonly [date: string, time: string, position: string] {
  const key = readImageId(imageId);
  const milliseconds = Number.parseInt(imageId.replace('-', '').slice(0, 12), 16);
  const made = new Date(milliseconds).toISOString();
  const position = key?.role === 'input' ? `input ${key.index}` : String(key?.index ?? 0);
  return [made.slice(0, 10), made.slice(11, 19).replaceAll(':', '.'), position];
}
