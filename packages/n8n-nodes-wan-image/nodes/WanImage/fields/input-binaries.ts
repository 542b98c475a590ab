import { isWanImageError, MAX_INPUT_IMAGE_BYTES } from '@wan-image/core/portable';
import type { IBinaryData, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { fieldError } from '../errors/field-error.ts';
import { needsHistory } from '../errors/needs-history.ts';
import type { Connection } from '../host/connect.ts';

/** An input image, with the label that errors give it. */
export interface InputImage {
  /** The item that it comes from. */
  readonly item: number;
  readonly label: string;
  /** A URL, a data URI, a reference to n8n's binary data, or an image of the history service. */
  readonly value: string | IBinaryData | EarlierImage;
}

/** An image of a history service, by its id. */
interface EarlierImage {
  readonly imageId: string;
}

const IMAGE_EXTENSION = /^(png|jpe?g|webp|bmp)$/i;

/** The images of a row's binary field: one name, several names, `*` for all, or binary data from an expression. */
export function binariesOf(context: IExecuteFunctions, item: number, field: unknown, label: string): InputImage[] {
  if (isBinary(field)) return [{ item, label: `${label} (binary data)`, value: field }];
  if (typeof field !== 'string') {
    throw fieldError(
      context,
      item,
      `Images, ${label}`,
      `Input Binary Field must be the name of a field or binary data, got ${nameOfType(field)}.`,
      `Enter the name of a binary field, or an expression such as ${exampleOf(context.getInputData()[item])}.`,
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
      ? 'The value is a URL or image data: choose "URL or Data URI" as the Source.'
      : `${listOf(available)}.`;
    const problem = `the item has no binary field ${looksEncoded ? 'of that name' : `"${name}"`}`;
    throw fieldError(context, item, `Images, ${label}`, problem, remedy);
  });
}

/**
 * The bytes of n8n's binary data, unless they exceed the limit of the service; a URL or data URI as it is. An image of the history service
 * becomes its permanent URL there, so that no bytes of it pass through n8n.
 */
export async function loadImage(
  context: IExecuteFunctions,
  { item, label, value }: InputImage,
  connect: () => Promise<Connection>,
): Promise<unknown> {
  if (isEarlier(value)) {
    const { library, service } = await connect();
    if (!(await service()).isHistory) throw needsHistory(context, `Images, ${label}`);
    const { url } = await library.getImage(value.imageId, { timeoutMs: 20_000 }).catch((error: unknown) => {
      if (!isWanImageError(error) || error.status !== 404) throw error;
      throw fieldError(context, item, `Images, ${label}`, `the history service has no image ${value.imageId}.`);
    });
    if (url !== null) return url;
    throw fieldError(context, item, `Images, ${label}`, `the image ${value.imageId} was deleted for good.`);
  }
  if (!isBinary(value)) return value;
  const bytes = await byteCountOf(context, value);
  if (bytes !== null && bytes > MAX_INPUT_IMAGE_BYTES) {
    const problem = `it has ${bytes} bytes, at most 20 MB (${MAX_INPUT_IMAGE_BYTES}) are allowed: make the image smaller.`;
    throw fieldError(context, item, `Images, ${label}`, problem);
  }
  return context.helpers.getBinaryDataBuffer(item, value);
}

function isEarlier(value: InputImage['value']): value is EarlierImage {
  return typeof value === 'object' && 'imageId' in value;
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
  const remedy = `${listOf(available)}. To use a field that n8n does not recognize as an image, enter its name.`;
  throw fieldError(context, item, `Images, ${label}`, 'the item has no image for *', remedy);
}

/** By MIME type or extension: downloaded files often have a wrong MIME type. */
function isImage({ mimeType, fileExtension = '', fileName = '' }: IBinaryData): boolean {
  const extension = fileExtension || (fileName.split('.').at(-1) ?? '');
  return mimeType.startsWith('image/') || IMAGE_EXTENSION.test(extension);
}

/** Workflows with the binary mode `combined` keep files in the JSON. */
function exampleOf(item: INodeExecutionData | undefined): string {
  return item?.json['_files'] === undefined ? '{{ $binary.data }}' : '{{ $json._files.data }}';
}

/** A value of the wrong type, with its article. */
export function nameOfType(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

function listOf(available: Readonly<Record<string, IBinaryData>>): string {
  const names = Object.entries(available).map(([name]) => name);
  return names.length === 0 ? 'The item has no binary data' : `The item has: ${names.join(', ')}`;
}

async function byteCountOf(context: IExecuteFunctions, { id, bytes, data }: IBinaryData): Promise<number | null> {
  if (bytes !== undefined) return bytes;
  if (id === undefined) return Math.floor((data.length * 3) / 4);
  return (await context.helpers.getBinaryMetadata(id)).fileSize ?? null;
}

/** The binary data of an item: beside its JSON or, in workflows with the binary mode `combined`, in `_files`. */
function binaryFieldsOf(item: INodeExecutionData | undefined): Record<string, IBinaryData> {
  const { _files: files } = item?.json ?? {};
  const inJson = typeof files === 'object' && files !== null ? Object.entries(files) : [];
  const all = [...inJson, ...Object.entries(item?.binary ?? {})];
  return Object.fromEntries(all.filter((entry): entry is [string, IBinaryData] => isBinary(entry[1])));
}

/** Binary data at a path into the JSON, which n8n resolves in workflows with the binary mode `combined`. */
function binaryAt(context: IExecuteFunctions, item: number, path: string): IBinaryData | null {
  try {
    return context.helpers.assertBinaryData(item, path);
  } catch {
    // n8n's own message names neither the row nor the available fields.
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
