import { MAX_IMAGES_IN_SET, MAX_SEED, MODELS, type RerunOverrides } from '@wan-image/core/portable';
import type { IDataObject, IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { generationField, readGeneration } from '../../fields/generation.ts';
import { readExtra, readOptions, readRunSettings, someOptions, within } from '../../fields/options.ts';
import { outputFields, readOutput } from '../../fields/output.ts';
import { sizeOfRatio } from '../../fields/ratio.ts';
import { definedOnly, toBoolean, toText, toWholeNumber } from '../../fields/values.ts';
import type { Connection } from '../../host/connect.ts';
import type { GenerationPlan } from '../../run/generation-plan.ts';
import { runGenerations } from '../../run/run-generations.ts';
import type { Operation } from '../operation.ts';

const overridesField: INodeProperties = {
  displayName: 'Fields to Override',
  name: 'overrides',
  type: 'collection',
  placeholder: 'Add Field',
  default: {},
  description:
    'What is different from the earlier generation. Everything else, its input images included, stays as it was.',
  options: [
    {
      displayName: 'Additional Parameters',
      name: 'additionalParameters',
      type: 'json',
      default: '{}',
      description: 'Other parameters to change, as a JSON object that is sent unchanged',
    },
    {
      displayName: 'Image Set',
      name: 'imageSet',
      type: 'boolean',
      default: false,
      description: 'Whether to generate a set of related images (组图)',
    },
    {
      displayName: 'Model',
      name: 'model',
      type: 'options',
      options: MODELS.map((value) => ({ name: value, value })),
      default: 'wan2.7-image-pro',
      description: 'The pro model generates images of up to 4K; the other one is faster and cheaper',
    },
    {
      displayName: 'New Random Seed',
      name: 'randomSeed',
      type: 'boolean',
      default: true,
      description: 'Whether to leave out the seed of the earlier generation',
    },
    {
      displayName: 'Number of Images',
      name: 'numberOfImages',
      type: 'number',
      typeOptions: { minValue: 1, maxValue: MAX_IMAGES_IN_SET, numberPrecision: 0 },
      default: 1,
      description: 'How many images to generate, at most 4; of an image set at most 12. Each is billed.',
    },
    {
      displayName: 'Prompt',
      name: 'prompt',
      type: 'string',
      typeOptions: { rows: 4 },
      default: '',
      description: 'Another prompt',
    },
    {
      displayName: 'Seed',
      name: 'seed',
      type: 'number',
      typeOptions: { minValue: 0, maxValue: MAX_SEED, numberPrecision: 0 },
      default: 0,
      description: 'The same seed gives a similar, but not an identical image',
    },
    {
      displayName: 'Size',
      name: 'size',
      type: 'string',
      default: '2K',
      placeholder: 'e.g. 4K',
      description: 'A resolution (1K, 2K, 4K), a ratio such as 16:9, or width x height in pixels such as 1280x720',
    },
    {
      displayName: 'Thinking Mode',
      name: 'thinkingMode',
      type: 'boolean',
      default: true,
      description: 'Whether the model reasons before it generates',
    },
    {
      displayName: 'Watermark',
      name: 'watermark',
      type: 'boolean',
      default: false,
      description: 'Whether to add a watermark to the images',
    },
  ],
};

/** An earlier generation once more, with other values where the parameters say so. It is billed as any other. */
export const rerun: Operation = {
  option: {
    name: 'Run Again',
    action: 'Run a generation again',
    description: 'Generate again from the request of an earlier generation, with fields to override',
  },
  fields: [
    generationField,
    overridesField,
    ...outputFields,
    someOptions([
      'concurrency',
      'fileName',
      'includeInputFields',
      'maximumTotal',
      'maximumRetries',
      'onStop',
      'oneItem',
      'timeout',
    ]),
  ],
  run: (context) => {
    const pending = context.getInputData().map((_, item) => ({
      items: [item],
      readPlan: async () => readRerun(context, item),
      mostImages: async (connect: () => Promise<Connection>) => mostImages(context, item, connect),
    }));
    return runGenerations(context, pending, () => readRunSettings(context));
  },
};

function readRerun(context: IExecuteFunctions, item: number): GenerationPlan {
  return {
    ...readOptions(context, item),
    ...readOutput(context, item),
    items: [item],
    request: readOverrides(context, item) as GenerationPlan['request'],
    earlier: { id: readGeneration(context, item).id, use: 'again' },
    inputs: [],
  };
}

/** Only what was filled in: null would ask for the default. */
function readOverrides(context: IExecuteFunctions, item: number): RerunOverrides {
  const fields = context.getNodeParameter('overrides', item, {}) as IDataObject;
  const number = (name: string, displayName: string, limits: readonly [number, number], unit: string) =>
    definedOnly(fields[name]) === undefined
      ? undefined
      : within(context, item, displayName, toWholeNumber(fields[name]), limits, unit);
  const size = toText(fields['size']);
  const extra = readExtra(context, item, fields['additionalParameters']);
  const overrides = {
    model: toText(fields['model']),
    prompt: definedOnly(fields['prompt']),
    n: number('numberOfImages', 'Number of Images', [1, MAX_IMAGES_IN_SET], 'images'),
    size: size === undefined ? undefined : sizeOfRatio(size),
    enable_sequential: toBoolean(fields['imageSet']),
    thinking_mode: toBoolean(fields['thinkingMode']),
    watermark: toBoolean(fields['watermark']),
    seed: toBoolean(fields['randomSeed']) === true ? null : number('seed', 'Seed', [0, MAX_SEED], 'a seed'),
    ...(Object.keys(extra).length === 0 ? {} : { extra }),
  };
  return Object.fromEntries(Object.entries(overrides).filter(([, value]) => value !== undefined)) as RerunOverrides;
}

/** Of the earlier request, unless the parameters say it. */
async function mostImages(
  context: IExecuteFunctions,
  item: number,
  connect: () => Promise<Connection>,
): Promise<number> {
  const { n } = readOverrides(context, item);
  if (typeof n === 'number') return n;
  const { library } = await connect();
  const { request } = await library.get(readGeneration(context, item).id, { timeoutMs: 20_000 });
  return typeof request['n'] === 'number' ? request['n'] : 1;
}
