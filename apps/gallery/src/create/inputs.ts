import { MAX_INPUT_IMAGES, MIME_TYPES, type GenerationRecord } from '@wan-image/core';
import { randomId } from '../api/random-id.ts';
import { movedInput, type DraftInput, type FileInput, type UrlInput } from './draft.ts';
import { draftStore } from './draft-store.ts';
import { checkFile, convertedToJpeg } from './input-check.ts';
import { inputFiles } from './input-files.ts';

/** In the form of the messages of core, so that it is worded like them. */
const FILE_MISSING = 'image is no longer in this browser: add the file again.';

/** How many more inputs the form takes. */
export function freeInputs(): number {
  return Math.max(0, MAX_INPUT_IMAGES - draftStore.get().inputs.length);
}

/** Adds files, and returns how many had no room. */
export async function addFiles(files: Iterable<File>): Promise<number> {
  const all = [...files];
  const added = all.slice(0, freeInputs());
  for (const file of added) {
    const input = await fileInput(file, file.name);
    inputFiles.add(input.key, file);
    append(input);
  }
  return all.length - added.length;
}

/** Adds an image by its URL. */
export function addUrl(url: string): void {
  append(urlInput({ url, isOwn: isOwnUrl(url) }));
}

/** An image of this history. */
export interface OwnImage {
  readonly id: string;
  readonly url: string;
  readonly width: number | null;
  readonly height: number | null;
}

/** Adds an image of this history by its permanent URL, so that the lineage knows it. False if it is an input already. */
export function addOwnImage({ id, url, width, height }: OwnImage): boolean {
  if (draftStore.get().inputs.some((input) => input.kind === 'url' && input.imageId === id)) return false;
  append(urlInput({ url, imageId: id, isOwn: true, width, height }));
  return true;
}

/** The inputs of an earlier generation: the copies of the service where it has one. */
export function inputsOfRecord({ input_images: images }: Pick<GenerationRecord, 'input_images'>): readonly UrlInput[] {
  return images.map(({ kind, url, archived_url: archived, from_image: imageId, width, height }) =>
    urlInput({
      url: archived ?? url,
      imageId,
      isOwn: kind === 'stored' || archived !== null || isOwnUrl(url),
      width,
      height,
    }),
  );
}

export function removeInput(key: string): void {
  draftStore.update({ inputs: draftStore.get().inputs.filter((input) => input.key !== key) });
}

export function moveInput(key: string, index: number): void {
  draftStore.update({ inputs: movedInput(draftStore.get().inputs, key, index) });
}

/** Replaces a file by a JPEG that is allowed. False if the browser cannot read it. */
export async function convertInput({ key, name }: FileInput): Promise<boolean> {
  const blob = inputFiles.get(key);
  const converted = blob && (await convertedToJpeg(blob));
  if (!converted) return false;
  const input = await fileInput(converted, name);
  inputFiles.add(input.key, converted);
  replace(key, input);
  return true;
}

/** After a reload: reads the files of the form, and marks those that the browser does not have any more. */
export async function restoreFiles(): Promise<void> {
  const keys = draftStore.get().inputs.flatMap((input) => (input.kind === 'file' ? [input.key] : []));
  const missing = keys.length === 0 ? [] : await inputFiles.load(keys);
  for (const input of draftStore.get().inputs)
    if (input.kind === 'file' && missing.includes(input.key)) replace(input.key, { ...input, problem: FILE_MISSING });
  await inputFiles.clean();
}

async function fileInput(blob: Blob, name: string): Promise<FileInput> {
  const { info, problem } = await checkFile(blob);
  return {
    key: randomId(),
    kind: 'file',
    name,
    mimeType: info === null ? blob.type : MIME_TYPES[info.format],
    bytes: blob.size,
    width: info?.width ?? null,
    height: info?.height ?? null,
    problem,
  };
}

function urlInput(input: Pick<UrlInput, 'url' | 'isOwn'> & Partial<UrlInput>): UrlInput {
  return { key: randomId(), kind: 'url', imageId: null, width: null, height: null, ...input };
}

function isOwnUrl(text: string): boolean {
  const url = URL.parse(text, location.href);
  return url !== null && url.host === location.host && url.pathname.startsWith('/images/');
}

function append(input: DraftInput): void {
  draftStore.update({ inputs: [...draftStore.get().inputs, input] });
}

function replace(key: string, input: DraftInput): void {
  draftStore.update({ inputs: draftStore.get().inputs.map((one) => (one.key === key ? input : one)) });
}
