import type { IExecuteFunctions, INodeProperties, INodePropertyOptions } from 'n8n-workflow';
import { fieldError } from '../errors/field-error.ts';
import { RATIO_NAMES, RATIOS, sizeOfRatio } from './ratio.ts';
import { definedOnly, toWholeNumber } from './values.ts';

const CUSTOM = 'custom';

type Resolution = keyof typeof RATIOS;

function ratiosOf(resolution: Resolution): INodePropertyOptions[] {
  return RATIOS[resolution].map((value, index) => ({
    name: `${resolution} ${RATIO_NAMES[index]} (${value.replace('x', ' × ')})`,
    value,
  }));
}

const custom: INodePropertyOptions = {
  name: 'Custom',
  value: CUSTOM,
  description: 'Width and height in pixels',
};

const RATIO_OF_LAST_IMAGE = 'pixels in total; width and height follow the last input image';

const PRO_MODEL_ONLY = {
  description: 'Pro model only',
  displayOptions: { show: { model: ['wan2.7-image-pro'], imageSet: [false] } },
} satisfies Partial<INodePropertyOptions>;

const newImageSizes: INodePropertyOptions[] = [
  custom,
  { name: '1K 1:1 (1024 × 1024)', value: '1K' },
  ...ratiosOf('1K'),
  { name: '2K 1:1 (2048 × 2048)', value: '2K' },
  ...ratiosOf('2K'),
  ...[{ name: '4K 1:1 (4096 × 4096)', value: '4K' }, ...ratiosOf('4K')].map((option) =>
    Object.assign(option, PRO_MODEL_ONLY),
  ),
];

/** At most 2048 × 2048 pixels in total. With a preset the result has the ratio of the last input image. */
const editSizes: INodePropertyOptions[] = [
  custom,
  { name: '1K, Ratio of the Last Image', value: '1K', description: `1024 × 1024 ${RATIO_OF_LAST_IMAGE}` },
  ...ratiosOf('1K'),
  { name: '2K, Ratio of the Last Image', value: '2K', description: `2048 × 2048 ${RATIO_OF_LAST_IMAGE}` },
  ...ratiosOf('2K'),
];

const pixels = { numberPrecision: 0, minValue: 1 } as const;

function sizeFieldsWith(options: INodePropertyOptions[], description: string): INodeProperties[] {
  return [
    {
      displayName: 'Size',
      name: 'size',
      type: 'options',
      options,
      default: '2K',
      displayOptions: { hide: { '@tool': [true] } },
      description,
    },
    {
      displayName: 'Size',
      name: 'size',
      type: 'string',
      default: '2K',
      placeholder: 'e.g. 1280x720',
      displayOptions: { show: { '@tool': [true] } },
      description:
        'A resolution (1K, 2K; 4K: pro model only, without input images), a ratio such as 16:9, landscape, portrait, square, or width x height in pixels such as 1280x720',
    },
    {
      displayName: 'Width',
      name: 'width',
      type: 'number',
      typeOptions: pixels,
      default: 2048,
      displayOptions: { show: { size: [CUSTOM] } },
      description: 'Width in pixels. The aspect ratio must be between 1:8 and 8:1.',
    },
    {
      displayName: 'Height',
      name: 'height',
      type: 'number',
      typeOptions: pixels,
      default: 2048,
      displayOptions: { show: { size: [CUSTOM] } },
      description: 'Height in pixels. The aspect ratio must be between 1:8 and 8:1.',
    },
  ];
}

export const newImageSizeFields = sizeFieldsWith(
  newImageSizes,
  'Pixels of each image, in an image set at most 2048 × 2048 in total. An expression can give any size (1280x720) or ratio (16:9, landscape, auto).',
);

export const editSizeFields = sizeFieldsWith(
  editSizes,
  'Pixels of each image, at most 2048 × 2048 in total. An expression can give any size (1280x720) or ratio (16:9, landscape, auto).',
);

export function readSize(context: IExecuteFunctions, item: number): unknown {
  const size = definedOnly(context.getNodeParameter('size', item));
  if (size !== CUSTOM) return typeof size === 'string' ? sizeOfRatio(size) : size;
  const side = (name: string, displayName: string): string => {
    const value = toWholeNumber(context.getNodeParameter(name, item, null));
    if (typeof value === 'number') return String(value);
    throw fieldError(context, item, displayName, 'it must be a whole number of pixels.');
  };
  return `${side('width', 'Width')}x${side('height', 'Height')}`;
}
