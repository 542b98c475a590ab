import { bytesSource, readImageInfo } from '@wan-image/core';
import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { agentWorkflow, openAiCredential } from '../support/n8n/agent.ts';
import { startChatModel } from '../support/n8n/chat-model.ts';
import type { Item, JsonObject, RunData, WorkflowNode } from '../support/n8n/types.ts';
import { example, linked, startWanImageServer, wanImage } from '../support/n8n/wan-image-server.ts';
import type { WanImageServer } from '../support/n8n/wan-image-server.ts';
import { startVendor } from '../support/n8n/vendor.ts';
import { chain, START } from '../support/n8n/workflows.ts';
import { imageAt } from '../support/images.ts';

/** The packed node in the real server, for what n8n's engine alone cannot show. */

const resources = new AsyncDisposableStack();
let server: WanImageServer;
beforeAll(async () => {
  server = resources.use(await startWanImageServer());
});
afterAll(() => resources.disposeAsync());

const NODE = 'n8n-nodes-wan-image.wanImage';
const CHAT_MODEL = '@n8n/n8n-nodes-langchain.lmChatOpenAi';

/** As the editor gets it. */
interface OperationProperty {
  readonly name: string;
  readonly displayOptions: { readonly show: { readonly resource: readonly string[] } };
  readonly options: readonly { readonly value: string }[];
}

function generate(parameters: JsonObject, node: Partial<WorkflowNode> = {}): WorkflowNode {
  return { name: 'Wan Image', type: NODE, typeVersion: 1, parameters: { size: '1K', ...parameters }, ...node };
}

function itemsOf(runData: RunData, node: string, branch = 0): readonly Item[] {
  return runData[node]?.at(-1)?.data?.['main']?.[branch] ?? [];
}

/** `png 1024x1024`, read from the bytes that n8n stored. */
async function fileOf({ binary }: Item): Promise<string> {
  const file = binary?.['data'];
  if (file === undefined) return 'none';
  const bytes = await server.n8n.binary(file);
  expect(bytes.length).toBe(file.bytes);
  const info = readImageInfo(bytesSource(bytes));
  return info === null ? 'no image' : `${info.format} ${info.width}x${info.height}`;
}

/** A webhook is registered some tenths of a second after its workflow is activated. */
async function responseOf(path: string, init: RequestInit = {}): Promise<Response> {
  const request = () => fetch(`${server.n8n.url}/webhook/${path}`, { method: 'POST', ...init });
  await expect.poll(async () => (await request()).status).not.toBe(404);
  return request();
}

function posted(body: unknown, headers: Readonly<Record<string, string>> = {}): RequestInit {
  return { headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) };
}

test('the editor gets the node and its variant for agents, each with icon, credential and search terms', async () => {
  const types = await server.n8n.nodeTypes();
  const [node, tool] = [NODE, `${NODE}Tool`].map((name) => types.find((type) => type.name === name));
  for (const type of [node, tool]) {
    expect(type).toMatchObject({
      displayName: expect.stringContaining('Wan Image'),
      credentials: [{ name: 'wanImageApi' }],
    });
    for (const theme of ['light', 'dark']) {
      const path = (type!['iconUrl'] as Record<string, string>)[theme];
      const icon = await fetch(`${server.n8n.url}/${path}`);
      expect(icon.headers.get('content-type')).toContain('image/svg+xml');
      expect(await icon.text()).toMatch(/^<svg/);
    }
  }
  expect(node).toMatchObject({
    codex: { categories: ['Marketing & Content'], alias: expect.arrayContaining(['wan', '文生图']) },
  });
  expect(tool).toMatchObject({ outputs: ['ai_tool'], codex: { subcategories: { AI: ['Tools'] } } });
});

test('the editor gets the fields of the output of every operation, and of the trigger, before anything has run', async () => {
  const { properties } = (await server.n8n.nodeTypes()).find(({ name }) => name === NODE)! as unknown as {
    readonly properties: readonly OperationProperty[];
  };
  const operations = properties
    .filter(({ name }) => name === 'operation')
    .flatMap(({ displayOptions, options }) =>
      // n8n adds an operation of its own, for a request by hand.
      options
        .filter(({ value }) => !value.startsWith('__'))
        .map(({ value }) => `/${displayOptions.show.resource[0]}/${value}`),
    );
  expect(operations).toHaveLength(10);
  for (const path of [...operations.map((operation) => `${NODE}/1.0.0${operation}`), `${NODE}Trigger/1.0.0`]) {
    const response = await fetch(`${server.n8n.url}/schemas/${path}.json`);
    expect([path, await response.json()]).toEqual([path, expect.objectContaining({ type: 'object' })]);
  }
});

describe('the credential', () => {
  const tested = (data: JsonObject) =>
    server.n8n.testCredential('Tested', 'wanImageApi', { baseUrl: server.simulator.url, apiKey: 'any', ...data });

  test('passes its test with and without /v1 at the end of the base URL', async () => {
    expect(await tested({})).toMatchObject({ status: 'OK' });
    expect(await tested({ baseUrl: `${server.simulator.url}/v1/` })).toMatchObject({ status: 'OK' });
  });

  test('shows the reason when its test fails', async () => {
    expect(await tested({ apiKey: 'invalid' })).toEqual({
      status: 'Error',
      message: expect.stringMatching(
        /^The service rejected this API key \(401\)\. Check the key and the Base URL\. It says: Invalid token \(request id: [\w-]+\)$/,
      ) as string,
    });
    expect(await tested({ baseUrl: `${server.simulator.url}/elsewhere` })).toEqual({
      status: 'Error',
      message: 'No Wan image API found at this Base URL (404). Enter the part of the URL before /v1.',
    });
    const unreachable = await tested({ baseUrl: 'http://127.0.0.1:1' });
    expect(unreachable.status).toBe('Error');
    expect(unreachable.message).toMatch(/refused|connect/i);
  });
});

test('example: product images from a list', async () => {
  const id = await server.n8n.createWorkflow(await example('product-images.json', wanImage(server.credential)));
  const { status, error, runData } = await server.n8n.runManually(id, 'When clicking ‘Execute workflow’');
  expect(error?.message).toBeUndefined();
  expect(status).toBe('success');

  const generated = itemsOf(runData, 'Generate product');
  expect(generated.map(({ pairedItem }) => pairedItem)).toEqual([{ item: 0 }, { item: 1 }, { item: 2 }]);
  expect(generated.map(({ binary }) => binary!['data']!.fileName)).toEqual([
    'CUP-01-1024x1024.png',
    'LAMP-02-1152x864.png',
    'BAG-03-864x1152.png',
  ]);
  expect(await Promise.all(generated.map(fileOf))).toEqual(['png 1024x1024', 'png 1152x864', 'png 864x1152']);

  expect(itemsOf(runData, 'Failures').map(({ json }) => json)).toEqual([
    { sku: 'VASE-04', error: expect.stringMatching(/^Prompt is empty/) },
  ]);

  const [together, ...others] = itemsOf(runData, 'Combine all');
  expect(others).toEqual([]);
  expect(together).toMatchObject({
    pairedItem: [{ item: 0 }, { item: 1 }, { item: 2 }],
    json: { width: 1280, height: 720 },
  });
  expect(await fileOf(together!)).toBe('png 1280x720');
  const edit = server.simulator.calls.at(-1)!.body as JsonObject;
  expect(edit).toMatchObject({ prompt: expect.stringContaining('image 1 to image 3') });
  expect(edit['image']).toHaveLength(3);

  const result = itemsOf(runData, 'Result');
  expect(result.map(({ json }) => json['size'])).toEqual(['1024 × 1024', '1152 × 864', '864 × 1152', '1280 × 720']);
  expect(await Promise.all(result.map(fileOf))).not.toContain('none');
});

test('example: a webhook that responds with an image', async () => {
  const secret = { name: 'X-Key', value: 'e2e-secret' };
  const header = await server.n8n.createCredential('Key', 'httpHeaderAuth', secret);
  const workflow = await example('image-webhook.json', {
    ...wanImage(server.credential),
    'n8n-nodes-base.webhook': { type: 'httpHeaderAuth', id: header },
  });
  await server.n8n.activate(await server.n8n.createWorkflow(workflow));
  expect((await responseOf('image', posted({ prompt: '一间花店' }))).status).toBe(403);

  const post = (body: unknown) => responseOf('image', posted(body, { [secret.name]: secret.value }));
  const response = await post({ prompt: '一间花店', size: '1280x720' });
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('image/png');
  expect(response.headers.get('content-disposition')).toBe(
    `inline; filename*=UTF-8''${encodeURIComponent('一间花店-1.png')}`,
  );
  expect(readImageInfo(bytesSource(await response.bytes()))).toMatchObject({ format: 'png', width: 1280, height: 720 });

  const refused = await post({ prompt: 'shop', size: '9999x9999' });
  expect(refused.status).toBe(422);
  expect(await refused.json()).toEqual({ error: expect.stringMatching(/^Size /) });
});

test('example: an AI agent that generates images and edits them', async () => {
  await using model = await startChatModel([
    { tool: 'Generate_an_image', arguments: { Prompt: '红色的灯塔', Number_of_Images: 2, Size: '1280x720' } },
    {
      tool: 'Edit_an_image',
      arguments: (message) => ({ Prompt: '夜晚', Image_URL: imagesIn(message)[1]!.url }),
    },
    { text: (message) => imagesIn(message)[0]!.markdown },
  ]);
  const chat = await server.n8n.createCredential('Chat', 'openAiApi', openAiCredential(model.baseUrl));
  const workflow = await example('image-agent.json', {
    ...wanImage(server.credential),
    [CHAT_MODEL]: { type: 'openAiApi', id: chat },
  });
  const trigger = 'When chat message received';
  // The message of n8n's chat window.
  const message = { sessionId: 'e2e', action: 'sendMessage', chatInput: 'A red lighthouse, twice' };
  const id = await server.n8n.createWorkflow({ ...workflow, pinData: { [trigger]: [{ json: message }] } });
  const { error, runData } = await server.n8n.runManually(id, trigger);
  expect(error?.message).toBeUndefined();

  const [edit, generateTool] = model.requests[0]!.tools!.map((tool) => tool.function).toSorted((one, other) =>
    one.name.localeCompare(other.name),
  );
  expect(generateTool).toMatchObject({
    name: 'Generate_an_image',
    parameters: {
      properties: { Number_of_Images: { type: 'number' }, Prompt: { type: 'string' }, Size: { type: 'string' } },
    },
  });
  expect(edit).toMatchObject({ name: 'Edit_an_image', parameters: { properties: { Image_URL: {} } } });
  const [generated, edited] = model.toolMessages.map(imagesIn);
  expect(generated).toHaveLength(2);
  expect(edited).toHaveLength(1);
  for (const { url, markdown } of [...generated!, ...edited!]) {
    expect(markdown).toContain(`](${url})`);
    expect(await imageAt(url)).toMatch(/^png /);
  }
  expect(server.simulator.calls.at(-1)!.body).toMatchObject({ prompt: '夜晚', image: generated![1]!.url });
  expect(itemsOf(runData, 'AI Agent')[0]!.json['output']).toBe(edited![0]!.markdown);
});

test('an agent gets a link to the copy in n8n that needs no login', async () => {
  await using model = await startChatModel([{ arguments: {} }, { text: 'Here it is.' }]);
  const chat = await server.n8n.createCredential('Chat', 'openAiApi', openAiCredential(model.baseUrl));
  const tool = generate({ prompt: '灯塔', output: 'both' }, { name: 'Wan Image', type: `${NODE}Tool` });
  const credentials = { ...wanImage(server.credential), [CHAT_MODEL]: { type: 'openAiApi', id: chat } };
  const id = await server.n8n.createWorkflow(linked(agentWorkflow(tool, 'engine'), credentials));
  const { error } = await server.n8n.runManually(id, START);
  expect(error?.message).toBeUndefined();
  expect(model.toolMessages.join('')).not.toMatch(/base64|iVBOR/);
  const [image] = model.toolMessages.flatMap(imagesIn);
  expect(image!.url).toContain(`${server.n8n.url}/`);
  expect(await imageAt(image!.url)).toBe('png 1024x1024');
});

test('an error reaches the error workflow with its message', async () => {
  const caught = await server.n8n.createWorkflow({
    name: 'Errors',
    nodes: [{ name: 'Caught', type: 'n8n-nodes-base.errorTrigger', typeVersion: 1, parameters: {} }],
    connections: {},
  });
  await server.n8n.activate(caught);
  const webhook: WorkflowNode = {
    name: 'Called',
    type: 'n8n-nodes-base.webhook',
    typeVersion: 2,
    parameters: { httpMethod: 'POST', path: 'fails', options: {} },
    webhookId: 'fails',
  };
  const failing = generate({ prompt: '花店 [[simulate status=402]]' });
  const workflow = {
    name: 'Fails',
    nodes: [webhook, failing],
    connections: { Called: { main: [[{ node: failing.name, type: 'main', index: 0 }]] } },
    settings: { errorWorkflow: caught },
  };
  await server.n8n.activate(await server.n8n.createWorkflow(linked(workflow, wanImage(server.credential))));
  await responseOf('fails');

  const executions = `/api/v1/executions?workflowId=${caught}&includeData=true`;
  const errors = async () =>
    (await server.n8n.request('GET', executions)) as { data: { resultData: { runData: RunData } } }[];
  const seen = async (): Promise<unknown> => {
    const [first] = await errors();
    return first && itemsOf(first.data.resultData.runData, 'Caught')[0]?.json;
  };
  await expect.poll(seen).toMatchObject({
    workflow: { name: 'Fails' },
    execution: {
      lastNodeExecuted: 'Wan Image',
      error: { message: expect.stringContaining('add credit') as unknown, node: { name: 'Wan Image' } },
    },
  });
});

test('stopping a run closes its connections and sends no further request', async () => {
  const items = {
    name: 'Ten',
    type: 'n8n-nodes-base.set',
    typeVersion: 3.4,
    parameters: {
      assignments: { assignments: [{ id: 'n', name: 'n', type: 'array', value: '=[0,1,2,3,4,5,6,7,8,9]' }] },
      options: {},
    },
  };
  const split = {
    name: 'Each',
    type: 'n8n-nodes-base.splitOut',
    typeVersion: 1,
    parameters: { fieldToSplitOut: 'n', options: {} },
  };
  const open: ServerResponse[] = [];
  await using vendor = await startVendor({
    generate: ({ count }) => (count === 3 || count === 4 ? (response) => void open.push(response) : undefined),
  });
  const credential = await server.n8n.createCredential('Vendor', 'wanImageApi', { baseUrl: vendor.url, apiKey: 'any' });
  const created = async (...nodes: readonly WorkflowNode[]): Promise<string> =>
    server.n8n.createWorkflow(linked(chain(...nodes), wanImage(credential)));
  const parameters = { output: 'url', options: { concurrency: 2 } };
  const execution = await server.n8n.startManually(
    await created(items, split, generate({ ...parameters, prompt: '=item {{ $json.n }}' })),
    START,
  );
  await expect.poll(() => open.length).toBe(2);
  await server.n8n.stop(execution);
  expect((await server.n8n.ended(execution)).status).toBe('canceled');
  await expect.poll(() => open.map(({ closed }) => closed)).toEqual([true, true]);
  // Whatever the stopped run still sends arrives before this one ends.
  await server.n8n.runManually(await created(generate({ ...parameters, prompt: 'afterwards' })), START);
  const prompts = vendor.bodies.map(({ prompt }) => String(prompt));
  expect(prompts.toSorted()).toEqual(['afterwards', 'item 0', 'item 1', 'item 2', 'item 3']);
});

test('n8n sends no request to the internet', () => {
  expect(server.n8n.log()).not.toMatch(/ENOTFOUND|EAI_AGAIN/);
});

interface ImageOfTool {
  readonly markdown: string;
  readonly url: string;
}

/** The images in the response of the tool. */
function imagesIn(toolMessage: string): readonly ImageOfTool[] {
  return JSON.parse(toolMessage) as ImageOfTool[];
}
