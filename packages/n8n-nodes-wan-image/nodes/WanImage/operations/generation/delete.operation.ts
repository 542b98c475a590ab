import type { INodeProperties } from 'n8n-workflow';
import { generationField, readGeneration } from '../../fields/generation.ts';
import { toBoolean } from '../../fields/values.ts';
import { simplified } from '../../images/record-json.ts';
import { runItems } from '../../run/run-items.ts';
import type { Operation } from '../operation.ts';

const purgeFields: INodeProperties[] = [
  {
    displayName: 'Delete Permanently',
    name: 'purge',
    type: 'boolean',
    default: false,
    description:
      'Whether to delete the generation and its images for good, instead of into the bin, from which Restore brings it back. Deleting gives no money back.',
  },
  {
    displayName: 'Nothing brings the generation and its images back.',
    name: 'purgeNotice',
    type: 'notice',
    default: '',
    displayOptions: { show: { purge: [true] } },
  },
];

/** A generation with its images, into the bin or for good. */
export const remove: Operation = {
  option: {
    name: 'Delete',
    action: 'Delete a generation',
    description: 'Put a generation with its images into the bin, or delete it permanently',
  },
  fields: [generationField, ...purgeFields],
  run: (context) =>
    runItems(context, async ({ item, library, options }) => {
      const { id } = readGeneration(context, item);
      const purge = toBoolean(context.getNodeParameter('purge', item, false)) === true;
      await library.delete(id, { ...options, purge });
      return [{ id, deleted: true }];
    }),
};

/** A generation that is in the bin. */
export const restore: Operation = {
  option: { name: 'Restore', action: 'Restore a generation', description: 'Take a generation out of the bin' },
  fields: [generationField],
  run: (context) =>
    runItems(context, async ({ item, library, options }) => [
      simplified(await library.restore(readGeneration(context, item).id, options)),
    ]),
};
