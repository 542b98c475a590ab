import { MAX_INPUT_IMAGES } from '@wan-image/core/portable';
import type { IExecuteFunctions, INodeParameters, INodeProperties } from 'n8n-workflow';
import { fieldError } from '../errors/field-error.ts';
import { readGenerationId } from './generation-id.ts';
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
            {
              name: 'Earlier Image',
              value: 'history',
              description: 'An image of a history service, by its ID: its bytes do not pass through n8n',
            },
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
          displayName: 'Image ID',
          name: 'imageId',
          type: 'string',
          default: '',
          placeholder: 'e.g. 019ab2c4-5d6e-7f80-9a1b-2c3d4e5f6071-0',
          displayOptions: { show: { source: ['history'] } },
          description:
            'The ID of an image, the ID of a generation (its first image), or the permanent URL of an image. Requires a history service.',
        },
        {
          displayName: 'URL',
          name: 'url',
          type: 'string',
          default: '',
          placeholder: 'e.g. https://example.com/input.jpg',
          displayOptions: { show: { source: ['url'] } },
          description:
            'A public http(s) URL, which the service downloads itself, a data URI (data:image/png;base64,…), or the ID of an image of a history service',
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
  readonly imageId?: unknown;
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
    row.source === 'history'
      ? [row.imageId].flat().map((id) => earlierImage(context, item, id, label))
      : row.source === 'url'
        ? [row.url].flat().map((url) => imageAt(context, item, url, label))
        : [row.binaryField].flat().flatMap((field) => binariesOf(context, item, field, label));
  if (images.length > 0) return images;
  // Skipping the row would change which image the prompt calls image 2.
  throw fieldError(context, item, `Images, ${label}`, 'its expression gives no image.');
}

function earlierImage(context: IExecuteFunctions, item: number, id: unknown, label: string): InputImage {
  const found = readGenerationId(id);
  if (found !== null)
    return { item, label: `${label} (history)`, value: { imageId: `${found.id}-${found.index ?? 0}` } };
  throw fieldError(
    context,
    item,
    `Images, ${label}`,
    `Image ID must be the ID of an image or of a generation, or the URL of an image, got ${typeof id === 'string' ? JSON.stringify(id.slice(0, 60)) : nameOfType(id)}.`,
    'Enter an image_id that this node has given, such as {{ $json.image_id }}.',
  );
}

function imageAt(context: IExecuteFunctions, item: number, url: unknown, label: string): InputImage {
  // Agents have one field for all, and pass on what they have.
  if (typeof url === 'string' && !url.includes(':') && readGenerationId(url) !== null)
    return earlierImage(context, item, url, label);
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
  const { source, url, imageId } = image?.[row] ?? {};
  const fixed = source === 'url' ? url : imageId;
  if (source === 'url' || source === 'history') return typeof fixed === 'string' && !fixed.startsWith('=');
  const ids = ofItems.map((images) => images.map(({ value }) => storedId(value)).join());
  return ids.every((id) => id !== '' && id === ids[0]);
}

function storedId(value: unknown): string {
  return (value as { readonly id?: string }).id ?? '';
}
