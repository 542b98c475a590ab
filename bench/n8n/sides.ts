import { PACKAGE_NAME, type CredentialData, type JsonObject, type WorkflowJson, type WorkflowNode } from './host.ts';

/** A node that generates images, with parameters for what the stub responds with. */
interface Side {
  readonly type: string;
  readonly typeVersion: number;
  readonly parameters: JsonObject;
  readonly credential: string;
  readonly credentialFor: (server: string) => CredentialData;
}

const PROMPT = '={{ $json.prompt }}';

const wanImage = (output: 'binary' | 'both'): Side => ({
  type: `${PACKAGE_NAME}.wanImage`,
  typeVersion: 1,
  parameters: {
    resource: 'image',
    operation: 'generate',
    prompt: PROMPT,
    // The stub decides on the number of images; without a set a request takes at most 4.
    imageSet: true,
    maximumImages: 12,
    output,
    options: { concurrency: 5 },
  },
  credential: 'wanImageApi',
  credentialFor: (server) => ({ baseUrl: server, apiKey: 'sk-bench' }),
});

export const SIDES = {
  'wan-image, binary': wanImage('binary'),
  'wan-image, both': wanImage('both'),
  'n8n OpenAI': {
    type: '@n8n/n8n-nodes-langchain.openAi',
    typeVersion: 2.3,
    parameters: {
      resource: 'image',
      operation: 'generate',
      modelId: { __rl: true, mode: 'id', value: 'gpt-image-1' },
      prompt: PROMPT,
      options: {},
    },
    credential: 'openAiApi',
    credentialFor: (server) => ({ apiKey: 'sk-bench', url: `${server}/v1`, header: false }),
  },
  'wan-image, downloads': {
    type: `${PACKAGE_NAME}.wanImage`,
    typeVersion: 1,
    parameters: {
      resource: 'generation',
      operation: 'downloadImages',
      generation: { __rl: true, mode: 'id', value: PROMPT },
      options: { concurrency: 2 },
    },
    credential: 'wanImageApi',
    credentialFor: (server) => ({ baseUrl: `${server}/history`, apiKey: 'sk-bench' }),
  },
} as const satisfies Record<string, Side>;

export type SideName = keyof typeof SIDES;
/** Those that generate. */
export const SIDE_NAMES: readonly SideName[] = ['wan-image, binary', 'wan-image, both', 'n8n OpenAI'];
/** The one that gets what a history service has. */
export const DOWNLOADS: SideName = 'wan-image, downloads';

/** The node whose items are checked. */
export const MAKER = 'Maker';

/** A webhook that takes prompts, makes an item of each and responds when their images have arrived. */
export function workflowOf(name: SideName, credentialId: string, path: string): WorkflowJson {
  const { type, typeVersion, parameters, credential } = SIDES[name];
  // Without an id of the webhook, n8n prefixes the path with that of the workflow.
  const webhook: WorkflowNode & { readonly webhookId: string } = {
    name: 'Webhook',
    type: 'n8n-nodes-base.webhook',
    typeVersion: 2,
    parameters: { httpMethod: 'POST', path, responseMode: 'lastNode', responseData: 'noData', options: {} },
    webhookId: path,
  };
  const items: WorkflowNode = {
    name: 'Items',
    type: 'n8n-nodes-base.splitOut',
    typeVersion: 1,
    parameters: { fieldToSplitOut: 'body.prompts', options: { destinationFieldName: 'prompt' } },
  };
  const maker: WorkflowNode = {
    name: MAKER,
    type,
    typeVersion,
    parameters,
    credentials: { [credential]: { id: credentialId, name: credential } },
  };
  return {
    name,
    nodes: [webhook, items, maker],
    connections: { Webhook: to(items), Items: to(maker) },
  };
}

function to({ name: node }: WorkflowNode): WorkflowJson['connections'][string] {
  return { main: [[{ node, type: 'main', index: 0 }]] };
}
