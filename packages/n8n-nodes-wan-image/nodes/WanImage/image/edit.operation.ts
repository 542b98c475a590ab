import type { ImageInput } from '@wan-image/core/portable';
import { updateDisplayOptions } from 'n8n-workflow';
import type { IExecuteFunctions, INodeProperties, INodePropertyOptions } from 'n8n-workflow';
import { amountFields } from '../fields/amount.ts';
import { imagesFields, readImages } from '../fields/images.ts';
import { loadImage } from '../fields/input-binaries.ts';
import { modelField } from '../fields/model.ts';
import { optionsField } from '../fields/options.ts';
import { outputFields } from '../fields/output.ts';
import { promptField } from '../fields/prompt.ts';
import { sizeFieldsOfEdits } from '../fields/size.ts';
import { readJob, type Job, type PendingJob } from './job.ts';

export const editOption: INodePropertyOptions = {
  name: 'Edit',
  value: 'edit',
  action: 'Edit images',
  description: 'Make images from up to nine input images and a text',
};

const inputItemsField: INodeProperties = {
  displayName: 'Input Items',
  name: 'inputItems',
  type: 'options',
  noDataExpression: true,
  options: [
    {
      name: 'All Items in One Request',
      value: 'together',
      description:
        'The images of all input items are edited together, once. The other parameters are those of the first item.',
    },
    { name: 'One Request for Each Item', value: 'each', description: 'Each input item is an edit of its own' },
  ],
  default: 'each',
  displayOptions: { hide: { '@tool': [true] } },
  description: 'Whether the input items belong together',
};

export const editFields: INodeProperties[] = updateDisplayOptions(
  { show: { resource: ['image'], operation: ['edit'] } },
  [
    modelField,
    promptField('e.g. Put the person in image 1 into the scene of image 2'),
    ...imagesFields,
    inputItemsField,
    ...amountFields,
    ...sizeFieldsOfEdits,
    ...outputFields,
    optionsField,
  ],
);

/** One request for each item, or one for all. */
export function editJobs(context: IExecuteFunctions): PendingJob[] {
  const items = context.getInputData().map((_, item) => item);
  if (items.length === 0) return [];
  const areTogether = context.getNodeParameter('inputItems', 0, 'each') === 'together';
  const ofJobs = areTogether ? [items] : items.map((item) => [item]);
  return ofJobs.map((ofJob) => ({ items: ofJob, read: () => editJob(context, ofJob) }));
}

async function editJob(context: IExecuteFunctions, items: readonly number[]): Promise<Job> {
  const job = readJob(context, items);
  const inputs = readImages(context, items);
  const image: unknown[] = [];
  // One after the other: nine of them may be 180 MB.
  for (const input of inputs) image.push(await loadImage(context, input));
  return { ...job, inputs, request: { ...job.request, image: image as ImageInput[] } };
}
