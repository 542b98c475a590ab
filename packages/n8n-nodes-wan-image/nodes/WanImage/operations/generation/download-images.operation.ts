import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { generationField, readGeneration } from '../../fields/generation.ts';
import { readOptions, readRunSettings, someOptions } from '../../fields/options.ts';
import { toText } from '../../fields/values.ts';
import { isToolRun } from '../../host/tool-run.ts';
import type { GenerationPlan } from '../../run/generation-plan.ts';
import { runGenerations } from '../../run/run-generations.ts';
import type { Operation } from '../operation.ts';

const binaryField: INodeProperties = {
  displayName: 'Put Output File in Field',
  name: 'binaryField',
  type: 'string',
  default: 'data',
  required: true,
  displayOptions: { hide: { '@tool': [true] } },
  hint: 'The name of the output binary field to put the file in',
};

/** The images of a generation as files, streamed from the history service into n8n's binary data. */
export const downloadImages: Operation = {
  option: {
    name: 'Download Images',
    action: 'Download the images of a generation',
    description: 'Get the images of a generation as files, one item for each',
  },
  fields: [
    generationField,
    binaryField,
    someOptions(['concurrency', 'fileName', 'includeInputFields', 'oneItem', 'timeout']),
  ],
  run: (context) => {
    const pending = context.getInputData().map((_, item) => ({
      items: [item],
      readPlan: async () => readDownload(context, item),
      mostImages: () => 0,
    }));
    return runGenerations(context, pending, () => readRunSettings(context));
  },
};

function readDownload(context: IExecuteFunctions, item: number): GenerationPlan {
  const { id } = readGeneration(context, item);
  return {
    ...readOptions(context, item),
    items: [item],
    request: {},
    earlier: { id, use: 'existing' },
    inputs: [],
    // An agent cannot see files.
    output: isToolRun(context) ? 'url' : 'both',
    binaryField: toText(context.getNodeParameter('binaryField', item, null)) ?? 'data',
  };
}
