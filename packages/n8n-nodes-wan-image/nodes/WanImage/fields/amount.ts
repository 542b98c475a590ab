import { MAX_IMAGES, MAX_IMAGES_IN_SET } from '@wan-image/core/portable';
import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { toBoolean, toWholeNumber } from './values.ts';

export const amountFields: INodeProperties[] = [
  {
    displayName: 'Image Set',
    name: 'imageSet',
    type: 'boolean',
    default: false,
    description:
      'Whether to generate a set of related images (组图), such as one character in several scenes. The model decides how many, up to a maximum.',
  },
  {
    displayName: 'Number of Images',
    name: 'numberOfImages',
    type: 'number',
    typeOptions: { minValue: 1, maxValue: MAX_IMAGES, numberPrecision: 0 },
    default: 1,
    displayOptions: { show: { imageSet: [false] } },
    description: `How many images to generate from the prompt, 1 to ${MAX_IMAGES}. Each is billed.`,
  },
  {
    displayName: `An image set may generate, and bill, up to ${MAX_IMAGES_IN_SET} images. Lower Maximum Images to limit it.`,
    name: 'imageSetNotice',
    type: 'notice',
    default: '',
    displayOptions: { show: { imageSet: [true] } },
  },
  {
    displayName: 'Maximum Images',
    name: 'maximumImages',
    type: 'number',
    typeOptions: { minValue: 1, maxValue: MAX_IMAGES_IN_SET, numberPrecision: 0 },
    default: MAX_IMAGES_IN_SET,
    displayOptions: { show: { imageSet: [true] } },
    description: `The most images that the set may have, 1 to ${MAX_IMAGES_IN_SET}. Each generated image is billed.`,
  },
];

export interface Amount {
  readonly enable_sequential: unknown;
  readonly n: unknown;
}

/** The most images that a request for an item may give. An invalid number is refused later, with the name of its field. */
export function mostImages(context: IExecuteFunctions, item: number): number {
  const { n } = readAmount(context, item);
  return typeof n === 'number' && n > 0 ? n : 1;
}

export function readAmount(context: IExecuteFunctions, item: number): Amount {
  const isSet = toBoolean(context.getNodeParameter('imageSet', item, false));
  const n = context.getNodeParameter(isSet === true ? 'maximumImages' : 'numberOfImages', item, null);
  return { enable_sequential: isSet, n: toWholeNumber(n) };
}
