const EXTENSIONS: Readonly<Record<string, string>> = {
  'image/png': 'png',
  'image/jpeg': 'jpg',
  'image/webp': 'webp',
  'image/bmp': 'bmp',
};

/** 50 code points: file systems allow 255 bytes for a name, and a code point has up to four. */
const BEGINNING = /^.{0,50}/su;

/** The words of a text as a part of a file name: letters, their marks and digits of any script, without anything that a path may contain. */
export function wordsOf(text: string): string {
  const words = text
    .normalize('NFC')
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, '-');
  return (BEGINNING.exec(words.replace(/^-/, ''))?.[0] ?? '').replace(/-$/, '');
}

/** What the name of an image file ends with. */
export function extensionOf(mimeType: string): string {
  return EXTENSIONS[mimeType] ?? 'bin';
}
