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
import { editFields, editJobs, editOption } from './image/edit.operation.ts';
import { generateFields, generateJobs, generateOption } from './image/generate.operation.ts';
import { runJobs } from './run/run-jobs.ts';

const JOBS = { generate: generateJobs, edit: editJobs };

export class WanImage implements INodeType {
  description: INodeTypeDescription = {
    displayName: 'Wan Image',
    name: 'wanImage',
    icon: { light: 'file:../../icons/wan-image.svg', dark: 'file:../../icons/wan-image.dark.svg' },
    group: ['transform'],
    version: [1],
    subtitle: '={{ $parameter["operation"] + ": " + $parameter["resource"] }}',
    description: 'Make and edit images with the Wan 2.7 image models',
    defaults: { name: 'Wan Image' },
    inputs: [NodeConnectionTypes.Main],
    outputs: [NodeConnectionTypes.Main],
    usableAsTool: {
      replacements: {
        displayName: 'Wan Image',
        description:
          'Makes a new image from a text, or edits images that are given by URL. The prompt may be Chinese or English. Returns for each image a ready Markdown image line and its URL: show that line to the user as it is.',
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
        options: [editOption, generateOption],
        default: 'generate',
      },
      ...generateFields,
      ...editFields,
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
    const operation = this.getNodeParameter('operation', 0) as keyof typeof JOBS;
    return [await runJobs(this, JOBS[operation](this))];
  }
}
