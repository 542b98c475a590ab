import { MAX_SEED } from '@wan-image/core/portable';
import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { DEFAULT_FILE_NAME, fileNameProblem } from '../images/file-name.ts';
import { fieldProblem } from '../errors/field-problem.ts';
import { FILES } from './output.ts';
import { given, textOf, truthValue, wholeNumber } from './values.ts';

export const optionsField: INodeProperties = {
  displayName: 'Options',
  name: 'options',
  type: 'collection',
  placeholder: 'Add Option',
  default: {},
  options: [
    {
      displayName: 'Additional Parameters',
      name: 'additionalParameters',
      type: 'json',
      default: '{}',
      description:
        'What the service takes beyond the fields of this node, as a JSON object that is sent along as it is, for example {"bbox_list": []}',
    },
    {
      displayName: 'Concurrency',
      name: 'concurrency',
      type: 'number',
      typeOptions: { minValue: 1, maxValue: 50, numberPrecision: 0 },
      default: 1,
      description:
        'How many items to work on at once. Their order stays. The value of the first item counts for all. Each edit holds its input images in memory while they are sent.',
    },
    {
      displayName: 'File Name',
      name: 'fileName',
      type: 'string',
      default: DEFAULT_FILE_NAME,
      displayOptions: { show: { '/output': FILES } },
      description:
        'Name of each file, without an extension: that of the image’s true format is added. {prompt}, {model}, {seed}, {number}, {width} and {height} stand for what they say.',
    },
    {
      displayName: 'Maximum Retries',
      name: 'maximumRetries',
      type: 'number',
      typeOptions: { minValue: 0, maxValue: 10, numberPrecision: 0 },
      default: 3,
      description:
        'How often to send again what certainly cost nothing: a connection that was never made, or a request that the service had no room for (429). Nothing else is ever sent again, because it may have been billed.',
    },
    {
      displayName: 'One Item for All Images',
      name: 'oneItem',
      type: 'boolean',
      default: false,
      displayOptions: { hide: { '@tool': [true] } },
      description:
        'Whether to output one item with all images of a request (binary fields data, data_1, data_2 …) instead of one item for each',
    },
    {
      displayName: 'Seed',
      name: 'seed',
      type: 'number',
      typeOptions: { minValue: 0, maxValue: MAX_SEED, numberPrecision: 0 },
      default: 0,
      description: 'The same seed gives a similar image, though not the same. Without this option it is random.',
    },
    {
      displayName: 'Timeout (Seconds)',
      name: 'timeout',
      type: 'number',
      typeOptions: { minValue: 1, maxValue: 86_400, numberPrecision: 0 },
      default: 600,
      description:
        'How long a request may take in all, with its retries, and then each download. Image sets in 4K take minutes.',
    },
    {
      displayName: 'Watermark',
      name: 'watermark',
      type: 'boolean',
      default: false,
      description: 'Whether to burn a watermark into the images',
    },
  ],
};

export interface Options {
  readonly seed: unknown;
  readonly watermark: unknown;
  readonly extra: Readonly<Record<string, unknown>>;
  readonly fileName: string;
  readonly oneItem: boolean;
  readonly timeoutMs: number;
  readonly maximumRetries: number;
}

export function readOptions(context: IExecuteFunctions, item: number): Options {
  const options = context.getNodeParameter('options', item, {});
  const fileName = textOf(options['fileName']) ?? DEFAULT_FILE_NAME;
  const wrong = fileNameProblem(fileName);
  if (wrong !== null) throw fieldProblem(context, item, 'File Name', wrong);
  return {
    seed: wholeNumber(options['seed']),
    watermark: truthValue(options['watermark']),
    extra: readExtra(context, item, options['additionalParameters']),
    fileName,
    oneItem: truthValue(options['oneItem']) === true,
    timeoutMs:
      1000 * within(context, item, 'Timeout (Seconds)', given(options['timeout']) ?? 600, [1, 86_400], 'seconds'),
    maximumRetries: within(context, item, 'Maximum Retries', given(options['maximumRetries']) ?? 3, [0, 10], 'retries'),
  };
}

/** How many items are worked on at once: a matter of the whole run, not of an item. */
export function readConcurrency(context: IExecuteFunctions): number {
  const { concurrency } = context.getNodeParameter('options', 0, {});
  return within(context, 0, 'Concurrency', given(concurrency) ?? 1, [1, 50], 'items');
}

function readExtra(context: IExecuteFunctions, item: number, value: unknown): Readonly<Record<string, unknown>> {
  const parsed = typeof value === 'string' && value.trim() !== '' ? parse(value) : (given(value) ?? {});
  if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) {
    return parsed as Readonly<Record<string, unknown>>;
  }
  throw fieldProblem(context, item, 'Additional Parameters', 'it must be a JSON object, such as {"bbox_list": []}.');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function within(
  context: IExecuteFunctions,
  item: number,
  name: string,
  value: unknown,
  [least, most]: readonly [number, number],
  unit: string,
): number {
  const number = wholeNumber(value);
  if (typeof number === 'number' && Number.isInteger(number) && number >= least && number <= most) return number;
  throw fieldProblem(context, item, name, `it must be a whole number of ${unit} from ${least} to ${most}.`);
}
