import type { JsonObject, WorkflowJson, WorkflowNode } from './types.ts';
import { START } from './workflows.ts';

export const NODE = 'n8n-nodes-wan-image.wanImage';
const TOOL = `${NODE}Tool`;
const TRIGGER = `${NODE}Trigger`;

export type Panel = Pick<WorkflowNode, 'type' | 'parameters'>;

const GENERATION = '019ab2c4-5d6e-7f80-9a1b-2c3d4e5f6071';

const BY_ID = { __rl: true, mode: 'id', value: '={{ $json.generation_id }}' };

const BY_URL = { ...BY_ID, mode: 'url', value: '={{ $json.url }}' };

const FROM_LIST = { ...BY_ID, mode: 'list', value: GENERATION, cachedResultName: '2026-11-28 19:20 · 一间花店' };

const FROM_AI = (name: string): string =>
  `={{ /*n8n-auto-generated-fromAI-override*/ $fromAI('${name}', \`\`, 'string') }}`;

/** Panels of both nodes, and of the tools of an agent, with every field that they can have. The key is the name of the node. */
export const PANELS: Readonly<Record<string, Panel>> = {
  generate: { type: NODE, parameters: { prompt: '一间有着精致窗户的花店，漂亮的木质门，摆放着花朵' } },
  everything: {
    type: NODE,
    parameters: {
      prompt: 'One orange cat through the four seasons',
      imageSet: true,
      size: 'custom',
      width: 1280,
      height: 720,
      options: {
        additionalParameters: '{"bbox_list": []}',
        concurrency: 3,
        fileName: 'cat-{number}',
        includeInputFields: true,
        maximumTotal: 24,
        maximumRetries: 3,
        onStop: 'finish',
        oneItem: true,
        seed: 42,
        timeout: 600,
        watermark: false,
      },
    },
  },
  edit: {
    type: NODE,
    parameters: {
      operation: 'edit',
      prompt: 'Put the person in image 1 into the scene of image 2, in the style of image 3',
      images: {
        image: [
          { source: 'binary', binaryField: 'data' },
          { source: 'url', url: 'https://example.com/scene.jpg' },
          { source: 'history', imageId: '={{ $json.image_id }}' },
        ],
      },
    },
  },
  delete: generation('delete', { generation: FROM_LIST, purge: true }),
  'download images': generation('downloadImages', {
    generation: BY_ID,
    options: { concurrency: 3, fileName: '{prompt}-{number}', includeInputFields: true, oneItem: true, timeout: 600 },
  }),
  get: generation('get', { generation: BY_URL, wait: 600 }),
  'get many': generation('getAll', { search: '花店 "wooden door"' }),
  'get many, every filter': generation('getAll', {
    returnAll: true,
    filters: {
      apiKeys: 'ab12cd34',
      createdAfter: '2026-11-01T00:00:00',
      createdBefore: '2026-12-01T00:00:00',
      deleted: false,
      derivedFrom: GENERATION,
      favorite: true,
      hasInputImage: true,
      ids: GENERATION,
      imageSha256: 'e3b0c44298fc1c149afbf4c8996fb924',
      metadata: '{"order": "4711"}',
      models: 'wan2.7-image-pro',
      outcomes: ['billed', 'unknown'],
      seed: 42,
      simulated: false,
      sizes: '2K, 1024x768',
      order: 'asc',
      sources: 'api',
      states: ['succeeded', 'failed'],
      tags: 'spring, shop',
      user: 'customer-17',
    },
  }),
  'mark favorite': generation('favorite', { generation: BY_ID, imageNumber: 2 }),
  restore: generation('restore', { generation: BY_ID }),
  'run again': generation('rerun', {
    generation: FROM_LIST,
    overrides: {
      additionalParameters: '{"bbox_list": []}',
      imageSet: true,
      model: 'wan2.7-image-pro',
      randomSeed: true,
      numberOfImages: 4,
      prompt: 'The same in winter',
      seed: 42,
      size: '16:9',
      thinkingMode: true,
      watermark: false,
    },
    options: { maximumTotal: 24, onStop: 'finish', timeout: 600 },
  }),
  update: generation('update', { generation: BY_ID, updateFields: { note: 'For the spring catalog', tags: 'spring' } }),
  tool: { type: TOOL, parameters: { prompt: FROM_AI('Prompt') } },
  'edit tool': {
    type: TOOL,
    parameters: {
      operation: 'edit',
      prompt: FROM_AI('Prompt'),
      images: { image: [{ source: 'history', imageId: FROM_AI('Image_ID') }] },
    },
  },
  'get tool': generation('get', { generation: { ...BY_ID, value: FROM_AI('Generation') } }, TOOL),
  'get many tool': generation('getAll', { search: FROM_AI('Search') }, TOOL),
  'run again tool': generation(
    'rerun',
    { generation: { ...BY_ID, value: FROM_AI('Generation') }, overrides: { prompt: FROM_AI('Prompt') } },
    TOOL,
  ),
  trigger: {
    type: TRIGGER,
    parameters: {
      events: ['generation.succeeded', 'generation.failed'],
      filters: { models: 'wan2.7-image-pro', tags: 'shop, spring' },
    },
  },
};

function generation(operation: string, parameters: JsonObject, type = NODE): Panel {
  return { type, parameters: { resource: 'generation', operation, ...parameters } };
}

const COLUMNS = 6;

/**
 * A node for each panel, tools connected to an agent. They are in a grid, because beside a trigger there is a button that appears over
 * what is close to it.
 */
export function panelsWorkflow(panels: Readonly<Record<string, Panel>>): WorkflowJson {
  const nodes = Object.entries(panels).map(([name, { type, parameters }]) => ({
    name,
    type,
    typeVersion: 1,
    parameters,
  }));
  const ofType = (wanted: string): WorkflowNode[] => nodes.filter(({ type }) => type === wanted);
  const start = { name: START, type: 'n8n-nodes-base.manualTrigger', typeVersion: 1, parameters: {} };
  const agent = { name: 'Agent', type: '@n8n/n8n-nodes-langchain.agent', typeVersion: 3, parameters: {} };
  const rows = [...inRows(ofType(NODE)), [agent], ...inRows(ofType(TOOL))];
  const followers = [agent, ...ofType(NODE)].map(({ name }) => ({ node: name, type: 'main', index: 0 }));
  const toAgent = { ai_tool: [[{ node: agent.name, type: 'ai_tool', index: 0 }]] };
  return {
    name: 'Panels',
    nodes: [
      ...[start, ...ofType(TRIGGER)].map((node, row) => at(node, -500, row * 300)),
      ...rows.flatMap((row, y) => row.map((node, x) => at(node, x * 300, y * 250))),
    ],
    connections: {
      [START]: { main: [followers] },
      ...Object.fromEntries(ofType(TOOL).map(({ name }) => [name, toAgent])),
    },
  };
}

function at(node: WorkflowNode, x: number, y: number): WorkflowNode {
  return { ...node, position: [x, y] };
}

function inRows(nodes: readonly WorkflowNode[]): WorkflowNode[][] {
  return Array.from({ length: Math.ceil(nodes.length / COLUMNS) }, (_, row) =>
    nodes.slice(row * COLUMNS, (row + 1) * COLUMNS),
  );
}
