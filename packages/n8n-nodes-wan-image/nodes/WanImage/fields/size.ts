import type { IExecuteFunctions, INodeProperties, INodePropertyOptions } from 'n8n-workflow';
import { fieldProblem } from '../errors/field-problem.ts';
import { given, wholeNumber } from './values.ts';

const CUSTOM = 'custom';

/** Width and height of each ratio at each level of resolution, within the limits that every mode at that level has. */
const RATIOS = {
  '1K': ['1512x648', '1280x720', '1248x832', '1152x864', '864x1152', '832x1248', '720x1280'],
  '2K': ['3024x1296', '2560x1440', '2496x1664', '2304x1728', '1728x2304', '1664x2496', '1440x2560'],
  '4K': ['5040x2160', '3840x2160', '4608x3072', '4096x3072', '3072x4096', '3072x4608', '2160x3840'],
} as const;

const RATIO_NAMES = ['21:9', '16:9', '3:2', '4:3', '3:4', '2:3', '9:16'] as const;

type Level = keyof typeof RATIOS;

function ratiosOf(level: Level): INodePropertyOptions[] {
  return RATIOS[level].map((value, index) => ({
    name: `${level} ${RATIO_NAMES[index]} (${value.replace('x', ' × ')})`,
    value,
  }));
}

const custom: INodePropertyOptions = {
  name: 'Custom',
  value: CUSTOM,
  description: 'Width and height in pixels',
};

const BY_THE_LAST_IMAGE = 'pixels in total; width and height follow the last input image';

/** Sizes of new images. */
const ofNewImages: INodePropertyOptions[] = [
  custom,
  { name: '1K 1:1 (1024 × 1024)', value: '1K' },
  ...ratiosOf('1K'),
  { name: '2K 1:1 (2048 × 2048)', value: '2K' },
  ...ratiosOf('2K'),
  { name: '4K 1:1 (4096 × 4096)', value: '4K', description: 'Of the pro model alone' },
  ...ratiosOf('4K'),
];

/** Sizes of edited images: at most 2048 × 2048 in total, and a preset takes the ratio of the last input image. */
const ofEdits: INodePropertyOptions[] = [
  custom,
  { name: '1K, Ratio of the Last Image', value: '1K', description: `1024 × 1024 ${BY_THE_LAST_IMAGE}` },
  ...ratiosOf('1K'),
  { name: '2K, Ratio of the Last Image', value: '2K', description: `2048 × 2048 ${BY_THE_LAST_IMAGE}` },
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
      description: '1K, 2K, 4K (of the pro model, without input images) or width x height in pixels, such as 1280x720',
    },
    {
      displayName: 'Width',
      name: 'width',
      type: 'number',
      typeOptions: pixels,
      default: 2048,
      displayOptions: { show: { size: [CUSTOM] } },
      description: 'Width in pixels. The ratio of width to height may lie between 1:8 and 8:1.',
    },
    {
      displayName: 'Height',
      name: 'height',
      type: 'number',
      typeOptions: pixels,
      default: 2048,
      displayOptions: { show: { size: [CUSTOM] } },
      description: 'Height in pixels. The ratio of width to height may lie between 1:8 and 8:1.',
    },
  ];
}

export const sizeFieldsOfNewImages = sizeFieldsWith(
  ofNewImages,
  'Pixels of each image. In an image set at most 2048 × 2048 in total. An expression may give any size, such as 1280x720.',
);

export const sizeFieldsOfEdits = sizeFieldsWith(
  ofEdits,
  'Pixels of each image, at most 2048 × 2048 in total. An expression may give any size, such as 1280x720.',
);

export function readSize(context: IExecuteFunctions, item: number): unknown {
  const size = given(context.getNodeParameter('size', item));
  if (size !== CUSTOM) return size;
  const side = (name: string, displayName: string): string => {
    const value = wholeNumber(context.getNodeParameter(name, item, null));
    if (typeof value === 'number') return String(value);
    throw fieldProblem(context, item, displayName, 'it must be a whole number of pixels.');
  };
  return `${side('width', 'Width')}x${side('height', 'Height')}`;
}
