import { MAX_INPUT_IMAGE_BYTES } from '@wan-image/core/portable';
import type { IBinaryData, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { fieldProblem } from '../errors/field-problem.ts';

/** An input image, and how an error calls it. */
export interface InputImage {
  /** The item that it came from. */
  readonly item: number;
  readonly label: string;
  /** A URL or a data URI; or where n8n keeps the bytes. */
  readonly value: string | IBinaryData;
}

const IMAGE_EXTENSION = /^(png|jpe?g|webp|bmp)$/i;

/** The images that a binary field of a row means: by name, by several names, all of them, or given as they are. */
export function binariesOf(context: IExecuteFunctions, item: number, field: unknown, label: string): InputImage[] {
  if (isBinary(field)) return [{ item, label: `${label} (binary data)`, value: field }];
  if (typeof field !== 'string') {
    throw fieldProblem(
      context,
      item,
      `Images, ${label}`,
      `Input Binary Field must be the name of a field or binary data, and is ${field === null ? 'null' : `a ${typeof field}`}.`,
      'Give the name of a binary field, or an expression such as {{ $binary.data }}.',
    );
  }
  const available = binaryFieldsOf(context.getInputData()[item]);
  if (field.trim() === '*') return allImages(context, item, available, label);
  return field.split(',').map((part) => {
    const name = part.trim();
    const value = available[name] ?? binaryAt(context, item, name);
    if (value !== null) return { item, label: `${label} (field ${name})`, value };
    const looksEncoded = name.length > 200 || /^(data:|https?:)/.test(name);
    const remedy = looksEncoded
      ? 'That is no name of a field: choose "URL or Data URI" as the Source.'
      : `${inWords(available)}.`;
    const what = `the item has no binary field ${looksEncoded ? 'of that name' : `"${name}"`}`;
    throw fieldProblem(context, item, `Images, ${label}`, what, remedy);
  });
}

/** The bytes of what lies in n8n's binary store, unless they are more than the service takes anyway; all else as it is. */
export async function loadImage(context: IExecuteFunctions, { item, label, value }: InputImage): Promise<unknown> {
  if (!isBinary(value)) return value;
  const bytes = await bytesOf(context, value);
  if (bytes !== null && bytes > MAX_INPUT_IMAGE_BYTES) {
    const what = `it has ${bytes} bytes, at most 20 MB (${MAX_INPUT_IMAGE_BYTES}) are allowed: make the image smaller.`;
    throw fieldProblem(context, item, `Images, ${label}`, what);
  }
  return context.helpers.getBinaryDataBuffer(item, value);
}

function allImages(
  context: IExecuteFunctions,
  item: number,
  available: Readonly<Record<string, IBinaryData>>,
  label: string,
): InputImage[] {
  const images = Object.entries(available).filter(([, binary]) => isImage(binary));
  if (images.length > 0) {
    return images.map(([name, value]) => ({ item, label: `${label} (field ${name})`, value }));
  }
  const remedy = `${inWords(available)}. A field that n8n does not take for an image can be named.`;
  throw fieldProblem(context, item, `Images, ${label}`, 'the item has no image for *', remedy);
}

/** Not by the MIME type alone: what was downloaded often comes without a true one. */
function isImage({ mimeType, fileExtension = '', fileName = '' }: IBinaryData): boolean {
  const extension = fileExtension || (fileName.split('.').at(-1) ?? '');
  return mimeType.startsWith('image/') || IMAGE_EXTENSION.test(extension);
}

function inWords(available: Readonly<Record<string, IBinaryData>>): string {
  const names = Object.entries(available).map(([name]) => name);
  return names.length === 0 ? 'The item has no binary data at all' : `The item has: ${names.join(', ')}`;
}

async function bytesOf(context: IExecuteFunctions, { id, bytes, data }: IBinaryData): Promise<number | null> {
  if (bytes !== undefined) return bytes;
  if (id === undefined) return Math.floor((data.length * 3) / 4);
  return (await context.helpers.getBinaryMetadata(id)).fileSize ?? null;
}

/** What an item carries, wherever n8n keeps it: beside its JSON, or, in workflows of the combined kind, in `_files`. */
function binaryFieldsOf(item: INodeExecutionData | undefined): Record<string, IBinaryData> {
  const { _files: files } = item?.json ?? {};
  const inJson = typeof files === 'object' && files !== null ? Object.entries(files) : [];
  const all = [...inJson, ...Object.entries(item?.binary ?? {})];
  return Object.fromEntries(all.filter((entry): entry is [string, IBinaryData] => isBinary(entry[1])));
}

/** A path into the JSON, which n8n resolves in workflows of the combined kind. */
function binaryAt(context: IExecuteFunctions, item: number, path: string): IBinaryData | null {
  try {
    return context.helpers.assertBinaryData(item, path);
  } catch {
    // Its message knows neither the row nor which fields there are.
    return null;
  }
}

function isBinary(value: unknown): value is IBinaryData {
  return (
    typeof value === 'object' &&
    value !== null &&
    'mimeType' in value &&
    typeof value.mimeType === 'string' &&
    ('data' in value || 'id' in value)
  );
}
