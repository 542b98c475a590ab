import { updateDisplayOptions } from 'n8n-workflow';
import type { IExecuteFunctions, INodeProperties, INodePropertyOptions } from 'n8n-workflow';
import { amountFields } from '../fields/amount.ts';
import { modelField } from '../fields/model.ts';
import { optionsField } from '../fields/options.ts';
import { outputFields } from '../fields/output.ts';
import { promptField } from '../fields/prompt.ts';
import { sizeFieldsOfNewImages } from '../fields/size.ts';
import { truthValue } from '../fields/values.ts';
import { readJob, type PendingJob } from './job.ts';

export const generateOption: INodePropertyOptions = {
  name: 'Generate',
  value: 'generate',
  action: 'Generate an image',
  description: 'Make new images from a text',
};

const thinkingModeField: INodeProperties = {
  displayName: 'Thinking Mode',
  name: 'thinkingMode',
  type: 'boolean',
  default: true,
  displayOptions: { show: { imageSet: [false] } },
  description: 'Whether the model reasons before it draws, which is slower and better',
};

export const generateFields: INodeProperties[] = updateDisplayOptions(
  { show: { resource: ['image'], operation: ['generate'] } },
  [
    modelField,
    promptField('e.g. A flower shop with delicate windows and a beautiful wooden door'),
    ...amountFields,
    ...sizeFieldsOfNewImages,
    thinkingModeField,
    ...outputFields,
    optionsField,
  ],
);

/** One request for each item. */
export function generateJobs(context: IExecuteFunctions): PendingJob[] {
  return context.getInputData().map((_, item) => ({
    items: [item],
    read: async () => {
      const job = readJob(context, [item]);
      const thinking_mode = truthValue(context.getNodeParameter('thinkingMode', item, null)) as boolean | undefined;
      return { ...job, request: { ...job.request, thinking_mode } };
    },
  }));
}
