import type { ImageFormat } from '@wan-image/core/portable';

export const DEFAULT_FILE_NAME = '{prompt}-{number}';

/** What is known of an image when its file gets a name. */
export interface NamedImage {
  readonly prompt: string;
  readonly model: string;
  readonly seed: number | null;
  /** Its place in the reply, from 1. */
  readonly number: number;
  readonly width: number | null;
  readonly height: number | null;
}

const PLACEHOLDERS = ['prompt', 'model', 'seed', 'number', 'width', 'height'] as const;

const EXTENSIONS: Readonly<Record<ImageFormat, string>> = { png: 'png', jpeg: 'jpg', webp: 'webp', bmp: 'bmp' };

/** An extension that a template ends with gives way to the true one. */
const IMAGE_EXTENSION = /\.(png|jpe?g|webp|bmp|gif|avif)$/i;

const LONGEST_PROMPT = 40;

/** In bytes: most file systems take 255, and the extension has to fit too. */
const LONGEST_NAME = 200;

/** What is wrong with a template, or null. */
export function fileNameProblem(template: string): string | null {
  const unknown = [...template.matchAll(/{([^{}]*)}/g)].map(([, name]) => name).find((name) => !isPlaceholder(name));
  if (unknown === undefined) return null;
  return `{${unknown}} stands for nothing. What can stand there is ${PLACEHOLDERS.map((name) => `{${name}}`).join(', ')}.`;
}

/** The name of an image's file, with the extension of its true format; `bin` where it is of none that is known. */
export function fileNameOf(template: string, image: NamedImage, format: ImageFormat | null): string {
  const filled = template.replace(/{([^{}]*)}/g, (_, name: string) => valueOf(image, name));
  const stem = safe(filled.replace(IMAGE_EXTENSION, ''));
  return `${stem === '' ? `image-${image.number}` : stem}.${format === null ? 'bin' : EXTENSIONS[format]}`;
}

function isPlaceholder(name: string | undefined): name is (typeof PLACEHOLDERS)[number] {
  return PLACEHOLDERS.some((placeholder) => placeholder === name);
}

function valueOf(image: NamedImage, name: string): string {
  if (!isPlaceholder(name)) return '';
  return name === 'prompt' ? slug(image.prompt) : String(image[name] ?? '');
}

/** The letters and digits of any script, words joined by hyphens: 一间花店-木质门. */
function slug(prompt: string): string {
  const joined = prompt.replace(/[^\p{L}\p{M}\p{N}]+/gu, '-').replace(/^-/, '');
  return Array.from(joined).slice(0, LONGEST_PROMPT).join('').replace(/-$/, '');
}

/** No path, nothing that a file system refuses, and not too long. */
function safe(name: string): string {
  const plain = name.replace(/[\p{Cc}<>:"/\\|?*]+/gu, '-').replace(/^[\s.-]+|[\s.-]+$/g, '');
  let short = '';
  let bytes = 0;
  for (const character of plain) {
    bytes += Buffer.byteLength(character);
    if (bytes > LONGEST_NAME) break;
    short += character;
  }
  return short;
}
