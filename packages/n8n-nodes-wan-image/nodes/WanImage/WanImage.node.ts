import { NodeConnectionTypes } from 'n8n-workflow';
import type {
  IExecuteFunctions,
  ILoadOptionsFunctions,
  INodeExecutionData,
  INodeListSearchResult,
  INodeType,
  INodeTypeDescription,
} from 'n8n-workflow';
import { searchModels } from './fields/model.ts';
import { edit } from './operations/image/edit.operation.ts';
import { generate } from './operations/image/generate.operation.ts';
import type { Operations } from './operations/operation.ts';
import { chosenOperation, fieldsOf, optionsOf } from './operations/properties.ts';

/** By resource and operation, in the order of the panel. operations/README.md says how to add one. */
const OPERATIONS = { image: { edit, generate } } satisfies Operations;

export class WanImage implements INodeType {
  description: INodeTypeDescription = {
    displayName: 'Wan Image',
    name: 'wanImage',
    icon: { light: 'file:../../icons/wan-image.svg', dark: 'file:../../icons/wan-image.dark.svg' },
    group: ['transform'],
    version: [1],
    subtitle: '={{ $parameter["operation"] + ": " + $parameter["resource"] }}',
    description: 'Generate and edit images with the Wan 2.7 image models',
    defaults: { name: 'Wan Image' },
    inputs: [NodeConnectionTypes.Main],
    outputs: [NodeConnectionTypes.Main],
    usableAsTool: {
      replacements: {
        displayName: 'Wan Image',
        description:
          'Generates a new image from a text prompt, or edits images given by URL. The prompt may be Chinese or English. Returns for each image its URL and a Markdown line: show that line to the user unchanged.',
      },
    },
    credentials: [{ name: 'wanImageApi', required: true }],
    properties: [
      {
        displayName: 'Resource',
        name: 'resource',
        type: 'options',
        noDataExpression: true,
        options: [{ name: 'Image', value: 'image' }],
        default: 'image',
      },
      {
        displayName: 'Operation',
        name: 'operation',
        type: 'options',
        noDataExpression: true,
        displayOptions: { show: { resource: ['image'] } },
        options: optionsOf(OPERATIONS.image),
        default: 'generate',
      },
      ...fieldsOf(OPERATIONS),
    ],
  };

  methods = {
    listSearch: {
      async searchModels(this: ILoadOptionsFunctions, filter?: string): Promise<INodeListSearchResult> {
        return searchModels(this, filter);
      },
    },
  };

  async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
    return [await chosenOperation(this, OPERATIONS).run(this)];
  }
}
