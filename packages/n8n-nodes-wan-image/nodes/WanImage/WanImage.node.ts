import { NodeConnectionTypes } from 'n8n-workflow';
import type {
  ICredentialsDecrypted,
  ICredentialTestFunctions,
  IExecuteFunctions,
  INodeCredentialTestResult,
  ILoadOptionsFunctions,
  INodeExecutionData,
  INodeListSearchResult,
  INodeType,
  INodeTypeDescription,
} from 'n8n-workflow';
import { testCredential } from './credential-test.ts';
import { searchGenerations } from './fields/generation.ts';
import { searchModels } from './fields/model.ts';
import { toolDescriptionFields } from './fields/tool-description.ts';
import { remove, restore } from './operations/generation/delete.operation.ts';
import { downloadImages } from './operations/generation/download-images.operation.ts';
import { favorite } from './operations/generation/favorite.operation.ts';
import { getAll } from './operations/generation/get-all.operation.ts';
import { get } from './operations/generation/get.operation.ts';
import { rerun } from './operations/generation/rerun.operation.ts';
import { update } from './operations/generation/update.operation.ts';
import { edit } from './operations/image/edit.operation.ts';
import { generate } from './operations/image/generate.operation.ts';
import type { Operations } from './operations/operation.ts';
import { chosenOperation, fieldsOf, optionsOf } from './operations/properties.ts';

/** By resource and operation, in the order of the panel. operations/README.md says how to add one. */
const OPERATIONS = {
  generation: { delete: remove, downloadImages, get, getAll, favorite, restore, rerun, update },
  image: { edit, generate },
} satisfies Operations;

export class WanImage implements INodeType {
  description: INodeTypeDescription = {
    displayName: 'Wan Image',
    name: 'wanImage',
    icon: { light: 'file:../../icons/wan-image.svg', dark: 'file:../../icons/wan-image.dark.svg' },
    group: ['transform'],
    version: [1],
    subtitle: '={{ $parameter["operation"] + ": " + $parameter["resource"] }}',
    description: 'Generate and edit images with the Wan 2.7 image models, and work with the history of them',
    defaults: { name: 'Wan Image' },
    inputs: [NodeConnectionTypes.Main],
    outputs: [NodeConnectionTypes.Main],
    usableAsTool: {
      replacements: {
        displayName: 'Wan Image',
        description:
          'Generates a new image from a text prompt, or edits images given by URL, and searches earlier images where there is a history service. The prompt may be Chinese or English. Returns for each image its URL and a Markdown line: show that line to the user unchanged.',
      },
    },
    builderHint: {
      searchHint:
        'Generates and edits images with the Wan 2.7 models. Each image is billed, so set Number of Images to what is needed. Output URL is enough where the next node only needs a link; Binary and URL where it needs a file, in the binary field data.',
    },
    hints: [
      {
        message:
          'Each input item is a separate request of up to {{ $parameter["maximumImages"] }} billed images. The option Maximum Images per Execution limits the total.',
        displayCondition: '={{ $parameter["resource"] === "image" && $parameter["imageSet"] === true }}',
        whenToDisplay: 'beforeExecution',
        location: 'outputPane',
        type: 'info',
      },
    ],
    credentials: [{ name: 'wanImageApi', required: true, testedBy: 'wanImageApiTest' }],
    properties: [
      {
        displayName: 'Resource',
        name: 'resource',
        type: 'options',
        noDataExpression: true,
        options: [
          { name: 'Generation', value: 'generation', description: 'What a history service has recorded' },
          { name: 'Image', value: 'image' },
        ],
        default: 'image',
      },
      {
        displayName: 'Operation',
        name: 'operation',
        type: 'options',
        noDataExpression: true,
        displayOptions: { show: { resource: ['generation'] } },
        options: optionsOf(OPERATIONS.generation),
        default: 'getAll',
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
      ...toolDescriptionFields,
      ...fieldsOf(OPERATIONS),
    ],
  };

  methods = {
    credentialTest: {
      async wanImageApiTest(
        this: ICredentialTestFunctions,
        credential: ICredentialsDecrypted,
      ): Promise<INodeCredentialTestResult> {
        const { request } = this.helpers;
        return testCredential(request, credential);
      },
    },
    listSearch: {
      async searchGenerations(
        this: ILoadOptionsFunctions,
        filter?: string,
        paginationToken?: string,
      ): Promise<INodeListSearchResult> {
        return searchGenerations(this, filter, paginationToken);
      },
      async searchModels(this: ILoadOptionsFunctions, filter?: string): Promise<INodeListSearchResult> {
        return searchModels(this, filter);
      },
    },
  };

  async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
    return [await chosenOperation(this, OPERATIONS).run(this)];
  }
}
