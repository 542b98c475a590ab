import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { isToolRun } from '../host/agent.ts';
import { fieldProblem } from '../errors/field-problem.ts';
import { textOf } from './values.ts';

/** Where the images go: into n8n's binary store from the reply itself, nowhere, or there by way of their URLs. */
type Output = 'binary' | 'url' | 'both';

/** The outputs that have files. */
export const FILES = ['binary', 'both'];

export const outputFields: INodeProperties[] = [
  {
    displayName: 'Output',
    name: 'output',
    type: 'options',
    options: [
      {
        name: 'Binary',
        value: 'binary',
        description: 'The images as files, sent in the reply itself. Nothing else has to be reachable.',
      },
      {
        name: 'Binary and URL',
        value: 'both',
        description: 'The images as files, and where they came from. A download that fails is tried again.',
      },
      {
        name: 'URL',
        value: 'url',
        description: 'Only where the images are. The URLs of AnyFast die after 24 hours.',
      },
    ],
    default: 'both',
    displayOptions: { hide: { '@tool': [true] } },
    description: 'What to put into the items',
  },
  {
    displayName: 'Link for the Agent',
    name: 'output',
    type: 'options',
    options: [
      {
        name: 'URL of the Service',
        value: 'url',
        description: 'Where the service keeps the image. The URLs of AnyFast die after 24 hours.',
      },
      {
        name: 'Copy in This Instance (Signed URL)',
        value: 'both',
        description:
          'A copy in the binary storage of n8n, by a link that works for a day. Not with binary data in memory.',
      },
    ],
    default: 'url',
    displayOptions: { show: { '@tool': [true] } },
    description: 'An agent sees no files, so it gets a link to each image',
  },
  {
    displayName: 'Put Output File in Field',
    name: 'binaryField',
    type: 'string',
    default: 'data',
    required: true,
    displayOptions: { show: { output: FILES } },
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
    throw fieldProblem(context, item, name, 'it must be "binary", "url" or "both".');
  }
  return { output, binaryField: textOf(context.getNodeParameter('binaryField', item, null)) ?? 'data' };
}
