import { MAX_SEED } from '@wan-image/core/portable';
import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { fieldError } from '../errors/field-error.ts';
import { DEFAULT_FILE_NAME, fileNameProblem } from '../images/file-name.ts';
import { OUTPUTS_WITH_FILES } from './output.ts';
import type { RunSettings } from './run-settings.ts';
import { definedOnly, toBoolean, toText, toWholeNumber } from './values.ts';

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
        'Parameters of the service that this node has no field for, as a JSON object that is sent unchanged, for example {"bbox_list": []}',
    },
    {
      displayName: 'Concurrency',
      name: 'concurrency',
      type: 'number',
      typeOptions: { minValue: 1, maxValue: 50, numberPrecision: 0 },
      default: 1,
      description:
        'How many items to process at once. The output keeps the order of the input. The value of the first item applies to all. Each edit holds its input images in memory while they are sent.',
    },
    {
      displayName: 'File Name',
      name: 'fileName',
      type: 'string',
      default: DEFAULT_FILE_NAME,
      displayOptions: { show: { '/output': OUTPUTS_WITH_FILES } },
      description:
        'Name of each file, without extension: the extension of the image format is added. Placeholders: {prompt}, {model}, {seed}, {number}, {width} and {height}.',
    },
    {
      displayName: 'Include Input Fields',
      name: 'includeInputFields',
      type: 'boolean',
      default: false,
      displayOptions: { hide: { '@tool': [true] } },
      description:
        'Whether each result also has the JSON of its input item, for sheets and merges. On a clash the field of this node wins; failed items have it in error.input. Use it instead of a merge by position, where some rows have several images and others none.',
    },
    {
      displayName: 'Maximum Images per Execution',
      name: 'maximumTotal',
      type: 'number',
      typeOptions: { minValue: 1, numberPrecision: 0 },
      default: 50,
      description:
        'The most images that this node may request in one execution, counted over all items, loops and calls of an agent. Beyond it nothing is sent. Without this option there is no limit.',
    },
    {
      displayName: 'Maximum Retries',
      name: 'maximumRetries',
      type: 'number',
      typeOptions: { minValue: 0, maxValue: 10, numberPrecision: 0 },
      default: 3,
      description:
        'How often to retry a request that was certainly not billed: the connection failed, or the service had too many requests (429). Other failures are never retried, because they may have been billed.',
    },
    {
      displayName: 'On Stop',
      name: 'onStop',
      type: 'options',
      options: [
        {
          name: 'Cancel the Generation',
          value: 'cancel',
          description: 'One that waits for its turn costs nothing; one that is running may still be billed',
        },
        { name: 'Let the Generation Finish', value: 'finish', description: 'The history service keeps its images' },
      ],
      default: 'cancel',
      description:
        'What happens to a generation of a history service when the execution is stopped. AnyFast cannot cancel: a request that was sent may be billed.',
    },
    {
      displayName: 'One Item for All Images',
      name: 'oneItem',
      type: 'boolean',
      default: false,
      displayOptions: { hide: { '@tool': [true] } },
      description:
        'Whether to output one item with all images of a request (binary fields data, data_1, data_2 …) instead of one item for each image',
    },
    {
      displayName: 'Seed',
      name: 'seed',
      type: 'number',
      typeOptions: { minValue: 0, maxValue: MAX_SEED, numberPrecision: 0 },
      default: 0,
      description: 'The same seed gives a similar, but not an identical image. Without this option the seed is random.',
    },
    {
      displayName: 'Timeout (Seconds)',
      name: 'timeout',
      type: 'number',
      typeOptions: { minValue: 1, maxValue: 86_400, numberPrecision: 0 },
      default: 600,
      description:
        'Time limit for a request with its retries, and again for each download. Image sets and 4K images take minutes.',
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

/** The same field with some of its options alone. They are shown whatever the other fields say. */
export function someOptions(names: readonly string[]): INodeProperties {
  const options = (optionsField.options as INodeProperties[]).filter(({ name }) => names.includes(name));
  return {
    ...optionsField,
    options: options.map(({ displayOptions: { hide } = {}, ...option }) =>
      Object.assign(option, hide && { displayOptions: { hide } }),
    ),
  };
}

export interface Options {
  readonly seed: unknown;
  readonly watermark: unknown;
  readonly extra: Readonly<Record<string, unknown>>;
  readonly fileName: string;
  readonly oneItem: boolean;
  readonly includeInputFields: boolean;
  readonly timeoutMs: number;
  readonly maximumRetries: number;
  readonly cancels: boolean;
}

export function readOptions(context: IExecuteFunctions, item: number): Options {
  const options = context.getNodeParameter('options', item, {});
  const fileName = toText(options['fileName']) ?? DEFAULT_FILE_NAME;
  const problem = fileNameProblem(fileName);
  if (problem !== null) throw fieldError(context, item, 'File Name', problem);
  return {
    seed: toWholeNumber(options['seed']),
    watermark: toBoolean(options['watermark']),
    extra: readExtra(context, item, options['additionalParameters']),
    fileName,
    oneItem: toBoolean(options['oneItem']) === true,
    includeInputFields: toBoolean(options['includeInputFields']) === true,
    cancels: options['onStop'] !== 'finish',
    timeoutMs:
      1000 * within(context, item, 'Timeout (Seconds)', definedOnly(options['timeout']) ?? 600, [1, 86_400], 'seconds'),
    maximumRetries: within(
      context,
      item,
      'Maximum Retries',
      definedOnly(options['maximumRetries']) ?? 3,
      [0, 10],
      'retries',
    ),
  };
}

/** Settings of the run, read from the first item. */
export function readRunSettings(context: IExecuteFunctions): RunSettings {
  const { concurrency, maximumTotal } = context.getNodeParameter('options', 0, {});
  const limit = definedOnly(maximumTotal);
  return {
    concurrency: within(context, 0, 'Concurrency', definedOnly(concurrency) ?? 1, [1, 50], 'items'),
    maximumTotal:
      limit === undefined ? null : within(context, 0, 'Maximum Images per Execution', limit, [1, 1_000_000], 'images'),
  };
}

export function readExtra(context: IExecuteFunctions, item: number, value: unknown): Readonly<Record<string, unknown>> {
  const parsed = typeof value === 'string' && value.trim() !== '' ? parse(value) : (definedOnly(value) ?? {});
  if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) {
    return parsed as Readonly<Record<string, unknown>>;
  }
  throw fieldError(context, item, 'Additional Parameters', 'it must be a JSON object, such as {"bbox_list": []}.');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

export function within(
  context: IExecuteFunctions,
  item: number,
  name: string,
  value: unknown,
  [least, most]: readonly [number, number],
  unit: string,
): number {
  const number = toWholeNumber(value);
  if (typeof number === 'number' && Number.isInteger(number) && number >= least && number <= most) return number;
  throw fieldError(context, item, name, `it must be a whole number of ${unit} from ${least} to ${most}.`);
}
