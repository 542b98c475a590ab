import type { ImageInput } from '@wan-image/core/portable';
import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { amountFields, mostImages } from '../../fields/amount.ts';
import type { Connection } from '../../host/connect.ts';
import { loadImage } from '../../fields/input-binaries.ts';
import { inputImageFields, readInputImages } from '../../fields/input-images.ts';
import { modelField } from '../../fields/model.ts';
import { optionsField, readRunSettings } from '../../fields/options.ts';
import { outputFields } from '../../fields/output.ts';
import { promptField } from '../../fields/prompt.ts';
import { editSizeFields } from '../../fields/size.ts';
import type { GenerationPlan, PendingGeneration } from '../../run/generation-plan.ts';
import { runGenerations } from '../../run/run-generations.ts';
import type { Operation } from '../operation.ts';
import { readPlan } from './read-plan.ts';

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
        'The images of all input items are edited together in one request. The other parameters are those of the first item.',
    },
    { name: 'One Request for Each Item', value: 'each', description: 'Each input item is a separate edit' },
  ],
  default: 'each',
  displayOptions: { hide: { '@tool': [true] } },
  description: 'How the input items are sent',
};

/** New images from input images and a text; one request for each item, or one for all. */
export const edit: Operation = {
  option: {
    name: 'Edit',
    action: 'Edit images',
    description: 'Generate images from up to nine input images and a text prompt',
  },
  fields: [
    modelField,
    promptField('e.g. Put the person in image 1 into the scene of image 2'),
    ...inputImageFields,
    inputItemsField,
    ...amountFields,
    ...editSizeFields,
    ...outputFields,
    optionsField,
  ],
  run: (context) => runGenerations(context, pendingEdits(context), () => readRunSettings(context)),
};

function pendingEdits(context: IExecuteFunctions): PendingGeneration[] {
  const items = context.getInputData().map((_, item) => item);
  if (items.length === 0) return [];
  const isTogether = context.getNodeParameter('inputItems', 0, 'each') === 'together';
  const requests = isTogether ? [items] : items.map((item) => [item]);
  return requests.map((ofRequest) => ({
    items: ofRequest,
    readPlan: (connect) => readEditPlan(context, ofRequest, connect),
    mostImages: () => mostImages(context, ofRequest[0] ?? 0),
  }));
}

async function readEditPlan(
  context: IExecuteFunctions,
  items: readonly number[],
  connect: () => Promise<Connection>,
): Promise<GenerationPlan> {
  const plan = readPlan(context, items);
  const inputs = readInputImages(context, items);
  const image: unknown[] = [];
  // Sequentially, to limit memory: nine images may be 180 MB.
  for (const input of inputs) image.push(await loadImage(context, input, connect));
  return { ...plan, inputs, request: { ...plan.request, image: image as ImageInput[] } };
}
