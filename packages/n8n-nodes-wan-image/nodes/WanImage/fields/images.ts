import { MAX_INPUT_IMAGES } from '@wan-image/core/portable';
import { isBinaryValue, NodeOperationError } from 'n8n-workflow';
import type { IBinaryData, IExecuteFunctions, INodeExecutionData, INodeProperties } from 'n8n-workflow';

const imagesField: INodeProperties = {
  displayName: 'Images',
  name: 'images',
  type: 'fixedCollection',
  typeOptions: { multipleValues: true, sortable: true, multipleValueButtonText: 'Add Image' },
  default: { image: [{ source: 'binary', binaryField: 'data' }] },
  required: true,
  placeholder: 'Add Image',
  description:
    'The pictures to edit, 1 to 9, in the order that the prompt calls 图1, 图2 (image 1, image 2). JPEG, PNG without alpha, BMP or WEBP; each at most 20 MB, 240 to 8000 pixels a side.',
  options: [
    {
      displayName: 'Image',
      name: 'image',
      values: [
        {
          displayName: 'Source',
          name: 'source',
          type: 'options',
          options: [
            { name: 'Binary Field', value: 'binary' },
            { name: 'URL or Data URI', value: 'url' },
          ],
          default: 'binary',
        },
        {
          displayName: 'Input Binary Field',
          name: 'binaryField',
          type: 'string',
          typeOptions: { binaryDataProperty: true },
          default: 'data',
          placeholder: 'e.g. data',
          displayOptions: { show: { source: ['binary'] } },
          description:
            'Name of the field with the picture; several names separated by commas; * for every picture of the item; or an expression that gives binary data, such as {{ $("Other Node").item.binary.data }}',
        },
        {
          displayName: 'URL',
          name: 'url',
          type: 'string',
          default: '',
          placeholder: 'e.g. https://example.com/input.jpg',
          displayOptions: { show: { source: ['url'] } },
          description:
            'A public http(s) address, which the service fetches by itself, or a data URI (data:image/png;base64,…)',
        },
      ],
    },
  ],
};

/** An agent has no files, only links. */
export const imagesFields: INodeProperties[] = [
  { ...imagesField, displayOptions: { hide: { '@tool': [true] } } },
  { ...imagesField, default: { image: [{ source: 'url', url: '' }] }, displayOptions: { show: { '@tool': [true] } } },
];

/** An input picture, and how an error calls it. */
export interface InputImage {
  readonly label: string;
  /** A URL, a data URI or whatever else an expression gave in place of one; or where n8n keeps the bytes. */
  readonly value: unknown;
}

interface Row {
  readonly source?: unknown;
  readonly binaryField?: unknown;
  readonly url?: unknown;
}

/**
 * The pictures of a request, in order: row by row, and in each row item by item, so that a row with a style that is the same for all
 * items stands once, behind the row with each item's own picture.
 */
export function readImages(context: IExecuteFunctions, items: readonly number[]): InputImage[] {
  const rowsOfItems = items.map((item) => ({ item, rows: rowsOf(context, item) }));
  const longest = Math.max(...rowsOfItems.map(({ rows }) => rows.length));
  const images: InputImage[] = [];
  for (let row = 0; row < longest; row++) {
    const ofItems = rowsOfItems.map(({ item, rows }) => {
      const one = rows[row];
      return one === undefined ? [] : imagesOf(context, item, one, `row ${row + 1}`);
    });
    images.push(...(saysTheSameEachTime(ofItems) ? (ofItems[0] ?? []) : ofItems.flat()));
  }
  if (images.length === 0) {
    throw problem(context, items, 'Images: there is none', 'Add at least one row, with a binary field or a URL.');
  }
  if (images.length > MAX_INPUT_IMAGES) {
    throw problem(
      context,
      items,
      `Images: ${images.length} pictures are too many, at most ${MAX_INPUT_IMAGES} may be edited together`,
      `They are: ${images.map(({ label }) => label).join('; ')}. Take ${images.length - MAX_INPUT_IMAGES} of them out.`,
    );
  }
  return images;
}

/** The bytes of what lies in n8n's binary store; all else as it is. */
export async function loadImage(context: IExecuteFunctions, item: number, { value }: InputImage): Promise<unknown> {
  return isBinaryValue(value) ? context.helpers.getBinaryDataBuffer(item, value) : value;
}

function rowsOf(context: IExecuteFunctions, item: number): readonly Row[] {
  const rows = context.getNodeParameter('images.image', item, []);
  return Array.isArray(rows) ? (rows as Row[]) : [];
}

function imagesOf(context: IExecuteFunctions, item: number, row: Row, label: string): InputImage[] {
  if (row.source === 'url') return urlsOf(context, item, row.url, label);
  return [row.binaryField].flat().flatMap((field) => binariesOf(context, item, field, label));
}

function urlsOf(context: IExecuteFunctions, item: number, urls: unknown, label: string): InputImage[] {
  return [urls].flat().map((value) => {
    if (typeof value === 'string' && value.trim() !== '') return { label: `${label} (URL)`, value: value.trim() };
    throw problem(
      context,
      [item],
      `Images, ${label}: URL must be the address of a picture or a data URI`,
      `It is ${value === '' || value === undefined ? 'empty' : value === null ? 'null' : typeof value === 'string' ? 'blank' : `of the type ${typeof value}`}. Give a text such as https://example.com/input.jpg.`,
    );
  });
}

function binariesOf(context: IExecuteFunctions, item: number, field: unknown, label: string): InputImage[] {
  if (isBinaryValue(field)) return [{ label: `${label} (binary data)`, value: field }];
  if (typeof field !== 'string') {
    throw problem(
      context,
      [item],
      `Images, ${label}: Input Binary Field must be the name of a field or binary data`,
      `It is ${field === null ? 'null' : typeof field}. Give the name of a binary field, or an expression such as {{ $binary.data }}.`,
    );
  }
  const available = binaryFieldsOf(context.getInputData()[item]);
  if (field.trim() === '*') {
    const pictures = Object.entries(available).filter(([, binary]) => binary.mimeType.startsWith('image/'));
    return pictures.map(([name, value]) => ({ label: `${label} (field ${name})`, value }));
  }
  return field.split(',').map((part) => {
    const name = part.trim();
    const value = available[name] ?? binaryAt(context, item, name);
    if (value !== null) return { label: `${label} (field ${name})`, value };
    const names = Object.keys(available);
    const found = names.length === 0 ? 'The item has no binary data at all' : `The item has: ${names.join(', ')}`;
    const looksEncoded = name.length > 200 || /^(data:|https?:)/.test(name);
    throw problem(
      context,
      [item],
      `Images, ${label}: the item has no binary field ${looksEncoded ? 'of that name' : `"${name}"`}`,
      looksEncoded ? 'That is no name of a field: choose "URL or Data URI" as the Source.' : `${found}.`,
    );
  });
}

/** What an item carries, wherever n8n keeps it: beside its JSON, or, in workflows of the combined kind, in `_files`. */
function binaryFieldsOf(item: INodeExecutionData | undefined): Record<string, IBinaryData> {
  const files = item?.json['_files'];
  const inJson = typeof files === 'object' && files !== null ? Object.entries(files) : [];
  const all = [...inJson, ...Object.entries(item?.binary ?? {})];
  return Object.fromEntries(all.filter((entry): entry is [string, IBinaryData] => isBinaryValue(entry[1])));
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

/** A URL that stands in the row itself, not in the items. */
function saysTheSameEachTime(ofItems: readonly (readonly InputImage[])[]): boolean {
  const [first = []] = ofItems;
  return ofItems.every(
    (images) =>
      images.length === first.length &&
      images.every(({ value }, index) => typeof value === 'string' && value === first[index]?.value),
  );
}

function problem(
  context: IExecuteFunctions,
  [itemIndex = 0]: readonly number[],
  message: string,
  description: string,
): NodeOperationError {
  return new NodeOperationError(context.getNode(), message, { itemIndex, description });
}
