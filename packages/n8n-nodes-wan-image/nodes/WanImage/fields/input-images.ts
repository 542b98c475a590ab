import { MAX_INPUT_IMAGES } from '@wan-image/core/portable';
import type { IExecuteFunctions, INodeParameters, INodeProperties } from 'n8n-workflow';
import { fieldError } from '../errors/field-error.ts';
import { binariesOf, nameOfType, type InputImage } from './input-binaries.ts';

const imagesField: INodeProperties = {
  displayName: 'Images',
  name: 'images',
  type: 'fixedCollection',
  typeOptions: { multipleValues: true, sortable: true, multipleValueButtonText: 'Add Image' },
  default: { image: [{ source: 'binary', binaryField: 'data' }] },
  required: true,
  placeholder: 'Add Image',
  description:
    'The images to edit, 1 to 9, in the order in which the prompt calls them 图1, 图2 (image 1, image 2). JPEG, PNG without alpha channel, BMP or WEBP; each at most 20 MB and 240 to 8000 pixels a side.',
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
            'Name of the binary field with the image; several names separated by commas; * for all images of the item; or an expression that gives binary data, such as {{ $("Other Node").item.binary.data }}',
        },
        {
          displayName: 'URL',
          name: 'url',
          type: 'string',
          default: '',
          placeholder: 'e.g. https://example.com/input.jpg',
          displayOptions: { show: { source: ['url'] } },
          description:
            'A public http(s) URL, which the service downloads itself, or a data URI (data:image/png;base64,…)',
        },
      ],
    },
  ],
};

/** An agent has URLs and no files, so its default row is a URL. */
export const inputImageFields: INodeProperties[] = [
  { ...imagesField, displayOptions: { hide: { '@tool': [true] } } },
  { ...imagesField, default: { image: [{ source: 'url', url: '' }] }, displayOptions: { show: { '@tool': [true] } } },
];

interface Row {
  readonly source?: unknown;
  readonly binaryField?: unknown;
  readonly url?: unknown;
}

/**
 * The input images of a request: row by row, and within a row item by item. A row that is the same for all items, such as a style
 * image, counts once.
 */
export function readInputImages(context: IExecuteFunctions, items: readonly number[]): InputImage[] {
  const rowsOfItems = items.map((item) => ({ item, rows: rowsOf(context, item) }));
  const longest = Math.max(...rowsOfItems.map(({ rows }) => rows.length));
  const images: InputImage[] = [];
  for (let row = 0; row < longest; row++) {
    const ofItems = rowsOfItems.flatMap(({ item, rows }) => {
      const one = rows[row];
      const label = items.length === 1 ? `row ${row + 1}` : `row ${row + 1}, item ${item}`;
      return one === undefined ? [] : [imagesOfRow(context, item, one, label)];
    });
    images.push(...(isSameForAll(context, row, ofItems) ? (ofItems[0] ?? []) : ofItems.flat()));
  }
  const [item = 0] = items;
  if (images.length === 0) {
    throw fieldError(context, item, 'Images', 'none given.', 'Add at least one row, with a binary field or a URL.');
  }
  const tooMany = images.length - MAX_INPUT_IMAGES;
  if (tooMany > 0) {
    const problem = `${images.length} images are too many, at most ${MAX_INPUT_IMAGES} can be edited together.`;
    const remedy = `Remove ${tooMany} of: ${images.map(({ label }) => label).join('; ')}.`;
    throw fieldError(context, item, 'Images', problem, remedy);
  }
  return images;
}

function rowsOf(context: IExecuteFunctions, item: number): readonly Row[] {
  const rows = context.getNodeParameter('images.image', item, []);
  return Array.isArray(rows) ? (rows as Row[]) : [];
}

function imagesOfRow(context: IExecuteFunctions, item: number, row: Row, label: string): InputImage[] {
  const images =
    row.source === 'url'
      ? [row.url].flat().map((url) => imageAt(context, item, url, label))
      : [row.binaryField].flat().flatMap((field) => binariesOf(context, item, field, label));
  if (images.length > 0) return images;
  // Skipping the row would change which image the prompt calls image 2.
  throw fieldError(context, item, `Images, ${label}`, 'its expression gives no image.');
}

function imageAt(context: IExecuteFunctions, item: number, url: unknown, label: string): InputImage {
  if (typeof url === 'string' && url.trim() !== '') return { item, label: `${label} (URL)`, value: url.trim() };
  const found = typeof url === 'string' || url === undefined ? 'nothing' : nameOfType(url);
  throw fieldError(
    context,
    item,
    `Images, ${label}`,
    `URL must be an http(s) URL or a data URI, got ${found}.`,
    'Enter a URL such as https://example.com/input.jpg.',
  );
}

/** Whether a row does not depend on the item: a URL without expression, or the same stored file for every item. */
function isSameForAll(context: IExecuteFunctions, row: number, ofItems: readonly (readonly InputImage[])[]): boolean {
  const { image } = (context.getNode().parameters['images'] ?? {}) as { readonly image?: INodeParameters[] };
  const { source, url } = image?.[row] ?? {};
  if (source === 'url') return typeof url === 'string' && !url.startsWith('=');
  const ids = ofItems.map((images) => images.map(({ value }) => storedId(value)).join());
  return ids.every((id) => id !== '' && id === ids[0]);
}

function storedId(value: unknown): string {
  return (value as { readonly id?: string }).id ?? '';
}
