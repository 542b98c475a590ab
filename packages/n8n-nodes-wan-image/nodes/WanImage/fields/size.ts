import type { IExecuteFunctions, INodeProperties, INodePropertyOptions } from 'n8n-workflow';
import { wholeNumber } from './values.ts';

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

function inOrder(options: INodePropertyOptions[]): INodePropertyOptions[] {
  return options.toSorted((one, other) => one.name.localeCompare(other.name, 'en', { numeric: true }));
}

const custom: INodePropertyOptions = {
  name: 'Custom',
  value: CUSTOM,
  description: 'Width and height in pixels',
};

/** Sizes of new pictures. */
const ofNewPictures = inOrder([
  { name: '1K 1:1 (1024 × 1024)', value: '1K' },
  ...ratiosOf('1K'),
  { name: '2K 1:1 (2048 × 2048)', value: '2K' },
  ...ratiosOf('2K'),
  { name: '4K 1:1 (4096 × 4096, Pro Model)', value: '4K' },
  ...ratiosOf('4K'),
  custom,
]);

/** Sizes of edited pictures: at most 2048 × 2048 in total, and a preset takes the ratio of the last input picture. */
const ofEdits = inOrder([
  { name: '1K in the Ratio of the Last Image (1024 × 1024 Pixels in Total)', value: '1K' },
  ...ratiosOf('1K'),
  { name: '2K in the Ratio of the Last Image (2048 × 2048 Pixels in Total)', value: '2K' },
  ...ratiosOf('2K'),
  custom,
]);

const pixels = { numberPrecision: 0, minValue: 1 } as const;

function sizeFieldsWith(options: INodePropertyOptions[], description: string): INodeProperties[] {
  return [
    { displayName: 'Size', name: 'size', type: 'options', options, default: '2K', description },
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

export const sizeFieldsOfNewPictures = sizeFieldsWith(
  ofNewPictures,
  'Pixels of each picture. In an image set at most 2048 × 2048 in total. An expression may give any size, such as 1280x720.',
);

export const sizeFieldsOfEdits = sizeFieldsWith(
  ofEdits,
  'Pixels of each picture, at most 2048 × 2048 in total. An expression may give any size, such as 1280x720.',
);

export function readSize(context: IExecuteFunctions, item: number): unknown {
  const size = context.getNodeParameter('size', item);
  if (size !== CUSTOM) return size;
  const [width, height] = ['width', 'height'].map((name) => wholeNumber(context.getNodeParameter(name, item)));
  return `${String(width)}x${String(height)}`;
}
