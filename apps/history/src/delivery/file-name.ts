import { create } from 'content-disposition';
import { readImageId } from '../domain/image-key.ts';

const EXTENSIONS: Readonly<Record<string, string>> = {
  'image/png': 'png',
  'image/jpeg': 'jpg',
  'image/webp': 'webp',
  'image/bmp': 'bmp',
};

/** 50 code points: file systems allow 255 bytes for a name, and a code point has up to four. */
const BEGINNING = /^.{0,50}/su;

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
  const extension = EXTENSIONS[mimeType] ?? 'bin';
  const plain = `${date} ${time} wan-image ${position}.${extension}`;
  const words = wordsOf(prompt ?? '');
  const name = words === '' ? plain : `${date} ${words} ${position}.${extension}`;
  const fallback = /^[ -~]*$/.test(name) ? name : plain;
  return create(name, { type: isDownload ? 'attachment' : 'inline', fallback });
}

/** The words of a text as a part of a file name: letters, their marks and digits of any script, without anything that a path may contain. */
export function wordsOf(text: string): string {
  const words = text
    .normalize('NFC')
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, '-');
  return (BEGINNING.exec(words.replace(/^-/, ''))?.[0] ?? '').replace(/-$/, '');
}

/** When the generation was made, in UTC, and which of its images it is. The id, a UUID v7, has both. */
function partsOf(imageId: string): readonly [date: string, time: string, position: string] {
  const key = readImageId(imageId);
  const milliseconds = Number.parseInt(imageId.replace('-', '').slice(0, 12), 16);
  const made = new Date(milliseconds).toISOString();
  const position = key?.role === 'input' ? `input ${key.index}` : String(key?.index ?? 0);
  return [made.slice(0, 10), made.slice(11, 19).replaceAll(':', '.'), position];
}
