import type { INodeParameters } from 'n8n-workflow';
import { PNG } from '../support/run.mts';
import type { NodeCase } from './case.mts';

const withModel = (value: string): INodeParameters => ({
  prompt: '花',
  output: 'url',
  model: { __rl: true, mode: 'id', value },
});

/** What an agent or an expression gives as a size, and what is sent. */
const SIZES = {
  '16:9': '2560x1440',
  '9:16': '1440x2560',
  '1:1': '2K',
  square: '2K',
  landscape: '2496x1664',
  Portrait: '1664x2496',
  '5:4': '2288x1824',
  auto: '2K',
  '1280x720': '1280x720',
  '1K': '1K',
};

const OPERATIONS: readonly (readonly [string, INodeParameters, RegExp])[] = [
  ['an unknown one', { resource: 'image', operation: 'upscale' }, /"image" has no operation "upscale"/],
  ['a property of every object', { resource: 'constructor', operation: 'name' }, /"constructor" has no operation/],
  ['the custom API call of n8n', { resource: '__CUSTOM_API_CALL__', operation: 'generate' }, /HTTP Request node/],
];

/** A row of images without a field name. */
const UNNAMED: INodeParameters = {
  operation: 'edit',
  prompt: '花',
  images: { image: [{ source: 'binary', binaryField: 7 }] },
};

export const FIELD_CASES: readonly NodeCase[] = [
  ...Object.entries(SIZES).map(([size, sent]) => ({
    name: `the size ${size}, as an expression or an agent has it, is sent as ${sent}`,
    parameters: { prompt: '花', size },
    isTool: true,
    items: [{ json: { total: 1 } }],
    sent: [{ body: { size: sent } }],
  })),
  {
    name: 'a model with a blank around its id is that model',
    parameters: withModel(' wan2.7-image\n'),
    items: [{ json: { model: 'wan2.7-image' } }],
    sent: [{ body: { model: 'wan2.7-image' } }],
  },
  {
    name: 'a model with another id is refused with the ids that there are',
    parameters: withModel('wan2.7'),
    error: { message: /^Model .*"wan2.7-image-pro".*"wan2.7-image".*got "wan2.7"/ },
  },
  ...OPERATIONS.map(([what, parameters, message]) => ({
    name: `an operation that the node does not have is refused: ${what}`,
    parameters: { prompt: '花', ...parameters },
    error: { message },
  })),
  {
    name: 'in a workflow that keeps files in the JSON, the remedy names them there',
    parameters: UNNAMED,
    input: [{ json: { _files: { data: { data: PNG.toString('base64'), mimeType: 'image/png' } } } }],
    error: { description: /\{\{ \$json\._files\.data \}\}/ },
  },
  {
    name: 'in any other workflow, the remedy names the binary data of the item',
    parameters: UNNAMED,
    error: { description: /\{\{ \$binary\.data \}\}/ },
  },
];
