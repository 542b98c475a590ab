import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { fieldError } from '../errors/field-error.ts';
import { isToolRun } from '../host/tool-run.ts';
import { toText } from './values.ts';

/** `binary`: files from the response itself; `url`: no files; `both`: files downloaded from their URLs. */
type Output = 'binary' | 'url' | 'both';

/** The outputs that have files. */
export const OUTPUTS_WITH_FILES = ['binary', 'both'];

export const outputFields: INodeProperties[] = [
  {
    displayName: 'Output',
    name: 'output',
    type: 'options',
    options: [
      {
        name: 'Binary',
        value: 'binary',
        description: 'The images as files, sent in the response itself. n8n only has to reach the service.',
      },
      {
        name: 'Binary and URL',
        value: 'both',
        description: 'The images as files, and their URLs. A failed download is retried.',
      },
      {
        name: 'URL',
        value: 'url',
        description: 'URLs only (AnyFast deletes them after 24 hours). n8n can pin this output, but not files.',
      },
    ],
    default: 'both',
    displayOptions: { hide: { '@tool': [true] } },
    description:
      'What each item contains. n8n cannot pin files, so each test of the nodes after this one generates and bills again: choose URL while you build, and pin the output.',
  },
  {
    displayName: 'Link for the Agent',
    name: 'output',
    type: 'options',
    options: [
      {
        name: 'URL of the Service',
        value: 'url',
        description: 'The URL at the service (AnyFast deletes it after 24 hours)',
      },
      {
        name: 'Copy in This Instance (Signed URL)',
        value: 'both',
        description:
          'A copy in the binary data storage of n8n, with a link that expires after a day. Not available when n8n keeps binary data in memory.',
      },
    ],
    default: 'url',
    displayOptions: { show: { '@tool': [true] } },
    description: 'An agent cannot see files, so it gets a link to each image',
  },
  {
    displayName: 'Put Output File in Field',
    name: 'binaryField',
    type: 'string',
    default: 'data',
    required: true,
    displayOptions: { show: { output: OUTPUTS_WITH_FILES } },
    hint: 'The name of the output binary field to put the file in',
  },
];

export interface OutputSettings {
  readonly output: Output;
  readonly binaryField: string;
}

export function readOutput(context: IExecuteFunctions, item: number): OutputSettings {
  const output = context.getNodeParameter('output', item);
  if (output !== 'binary' && output !== 'url' && output !== 'both') {
    const name = isToolRun(context) ? 'Link for the Agent' : 'Output';
    throw fieldError(context, item, name, 'it must be "binary", "url" or "both".');
  }
  return { output, binaryField: toText(context.getNodeParameter('binaryField', item, null)) ?? 'data' };
}
