import type { INodeProperties } from 'n8n-workflow';
import { generationField, readGeneration } from '../../fields/generation.ts';
import { within } from '../../fields/options.ts';
import { toBoolean } from '../../fields/values.ts';
import { runItems } from '../../run/run-items.ts';
import type { Operation } from '../operation.ts';

const fields: INodeProperties[] = [
  {
    displayName: 'Image Number',
    name: 'imageNumber',
    type: 'number',
    typeOptions: { minValue: 1, maxValue: 100, numberPrecision: 0 },
    default: 1,
    description:
      'Which image of the generation, from 1. Without effect where Generation has the ID or the URL of an image.',
  },
  {
    displayName: 'Favorite',
    name: 'favorite',
    type: 'boolean',
    default: true,
    description: 'Whether the image is a favorite',
  },
];

/** An image of a generation, because of four images one is the good one. */
export const favorite: Operation = {
  option: {
    name: 'Mark Favorite',
    action: 'Mark an image as favorite',
    description: 'Mark an image of a generation as a favorite, or no longer',
  },
  fields: [generationField, ...fields],
  run: (context) =>
    runItems(context, async ({ item, library, options }) => {
      const { id, index } = readGeneration(context, item);
      const entered = context.getNodeParameter('imageNumber', item, 1);
      const number = index === null ? within(context, item, 'Image Number', entered, [1, 100], 'an image') : index + 1;
      const isFavorite = toBoolean(context.getNodeParameter('favorite', item, true)) !== false;
      const image = await library.updateImage(`${id}-${number - 1}`, { favorite: isFavorite }, options);
      return [{ image_id: image.id, generation_id: id, index: image.index, url: image.url, favorite: image.favorite }];
    }),
};
