import type { ImageFormat } from '@wan-image/core/portable';

export const DEFAULT_FILE_NAME = '{prompt}-{number}';

/** The values of the placeholders. */
export interface NamedImage {
  readonly prompt: string;
  readonly model: string;
  readonly seed: number | null;
  /** Its position in the response, from 1. */
  readonly number: number;
  readonly width: number | null;
  readonly height: number | null;
}

const PLACEHOLDERS = ['prompt', 'model', 'seed', 'number', 'width', 'height'] as const;

const EXTENSIONS: Readonly<Record<ImageFormat, string>> = { png: 'png', jpeg: 'jpg', webp: 'webp', bmp: 'bmp' };

/** A template's own extension is replaced by that of the image's format. */
const IMAGE_EXTENSION = /\.(png|jpe?g|webp|bmp|gif|avif)$/i;

/** In characters. */
const LONGEST_PROMPT = 40;

/** In bytes: most file systems allow 255, the extension included. */
const LONGEST_NAME = 200;

/** The problem of a template, or null. */
export function fileNameProblem(template: string): string | null {
  const unknown = [...template.matchAll(/{([^{}]*)}/g)].map(([, name]) => name).find((name) => !isPlaceholder(name));
  if (unknown === undefined) return null;
  return `unknown placeholder {${unknown}}. Use ${PLACEHOLDERS.map((name) => `{${name}}`).join(', ')}.`;
}

/** The name of an image's file, with the extension of the format that its bytes have; `bin` where that is unknown. */
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

/** Without separators and characters that a file system refuses, and at most {@link LONGEST_NAME} bytes. */
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
