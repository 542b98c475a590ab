import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { amountFields, mostImages } from '../../fields/amount.ts';
import { modelField } from '../../fields/model.ts';
import { optionsField, readRunSettings } from '../../fields/options.ts';
import { outputFields } from '../../fields/output.ts';
import { promptField } from '../../fields/prompt.ts';
import { newImageSizeFields } from '../../fields/size.ts';
import { toBoolean } from '../../fields/values.ts';
import type { GenerationPlan } from '../../run/generation-plan.ts';
import { runGenerations } from '../../run/run-generations.ts';
import type { Operation } from '../operation.ts';
import { readPlan } from './read-plan.ts';

const thinkingModeField: INodeProperties = {
  displayName: 'Thinking Mode',
  name: 'thinkingMode',
  type: 'boolean',
  default: true,
  displayOptions: { show: { imageSet: [false] } },
  description: 'Whether the model reasons before it generates, which is slower and gives better images',
};

/** New images from a text; one request for each item. */
export const generate: Operation = {
  option: { name: 'Generate', action: 'Generate an image', description: 'Generate new images from a text prompt' },
  fields: [
    modelField,
    promptField('e.g. A flower shop with delicate windows and a beautiful wooden door'),
    ...amountFields,
    ...newImageSizeFields,
    thinkingModeField,
    ...outputFields,
    optionsField,
  ],
  run: (context) => {
    const generations = context.getInputData().map((_, item) => ({
      items: [item],
      readPlan: async () => readGeneratePlan(context, item),
      mostImages: () => mostImages(context, item),
    }));
    return runGenerations(context, generations, () => readRunSettings(context));
  },
};

function readGeneratePlan(context: IExecuteFunctions, item: number): GenerationPlan {
  const plan = readPlan(context, [item]);
  const thinking_mode = toBoolean(context.getNodeParameter('thinkingMode', item, null)) as boolean | undefined;
  return { ...plan, request: { ...plan.request, thinking_mode } };
}
