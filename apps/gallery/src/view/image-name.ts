import type { ImageRecord } from '@wan-image/core';

/** Characters of the prompt in the name of a file. */
const MAX_CHARACTERS = 50;

/** What no file system of today allows, what shells and people read as something else, and white space. */
const UNSAFE = /[\p{C}\p{Z}\s<>:"/\\|?*%$`'~#]+/gu;

/** The name of a downloaded file: the first words of the prompt, and what tells it from others. */
export function fileNameOf(prompt: string, { id, mime_type }: Pick<ImageRecord, 'id' | 'mime_type'>): string {
  const words = Array.from(prompt.normalize('NFC').replace(UNSAFE, ' ').trim())
    .slice(0, MAX_CHARACTERS)
    .join('')
    .trim();
  const name = words.replace(/^[.\s-]+|[.\s]+$/g, '').replaceAll(' ', '-');
  // The last part of a UUID v7 is random: its first one is the time.
  const [, end = id] = /-([0-9a-f]{12}-\d+)$/.exec(id) ?? [];
  return `${name === '' ? '' : `${name}-`}${end}.${extensionOf(mime_type)}`;
}

/** The generation of an image: its id is that of the generation, and its index. */
export function generationIdOf(imageId: string): string {
  return imageId.replace(/-\d+$/, '');
}

function extensionOf(mimeType: string | null): string {
  const [, subtype] = /^image\/([a-z]+)$/.exec(mimeType ?? '') ?? [];
  if (subtype === 'jpeg') return 'jpg';
  return subtype ?? 'png';
}
