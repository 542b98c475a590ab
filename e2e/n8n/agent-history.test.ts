import { temporaryFolder } from '@wan-image/testing/folders';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AGENT, agentWorkflow, openAiCredential } from '../support/n8n/agent.ts';
import { startChatModel } from '../support/n8n/chat-model.ts';
import type { JsonObject, WorkflowJson, WorkflowNode } from '../support/n8n/types.ts';
import { API_KEY, credentialsOf, editOf, NODE_TYPE, workbench } from '../support/n8n/wan-image.ts';
import { startService, type Service } from '../support/service.ts';

/** An agent that looks for an earlier image, edits it by its id, and shows the result. */

const { engine } = workbench();

const resources = new AsyncDisposableStack();
let service: Service;
beforeAll(async () => {
  const folder = resources.use(await temporaryFolder());
  service = resources.use(await startService({ DATA_DIR: folder.path, PORT: '0', ADMIN_API_KEY: API_KEY }));
});
afterAll(() => resources.disposeAsync());

function tool(name: string, parameters: JsonObject): WorkflowNode {
  return { name, type: `${NODE_TYPE}Tool`, typeVersion: 1, parameters };
}

const SEARCH = tool('Search images', {
  resource: 'generation',
  operation: 'getAll',
  search: "={{ $fromAI('words', 'Words of the prompt', 'string') }}",
});

const EDIT = tool('Edit image', {
  ...editOf([{ source: 'url', url: "={{ $fromAI('image', 'URL or image_id', 'string') }}" }]),
  prompt: "={{ $fromAI('prompt', 'What to change', 'string') }}",
  size: '1K',
});

const RERUN = tool('Run again', {
  resource: 'generation',
  operation: 'rerun',
  generation: { __rl: true, mode: 'id', value: "={{ $fromAI('id', 'Id of the generation', 'string') }}" },
  overrides: { size: "={{ $fromAI('size', 'Another size', 'string') }}" },
});

/** An agent with several tools. */
function withTools(
  [first, ...others]: readonly [WorkflowNode, ...WorkflowNode[]],
  kind: 'engine' | 'inline',
): WorkflowJson {
  const { nodes, connections, ...workflow } = agentWorkflow(first, kind);
  const links = others.map(({ name }) => [name, { ai_tool: [[{ node: AGENT, type: 'ai_tool', index: 0 }]] }] as const);
  return { ...workflow, nodes: [...nodes, ...others], connections: { ...connections, ...Object.fromEntries(links) } };
}

/** What a tool said, whichever way the agent passes it on. */
function saidBy(message: string): JsonObject {
  const [item] = [JSON.parse(message) as unknown].flat(2);
  return ((item as JsonObject)['response'] ?? item) as JsonObject;
}

describe.each(['engine', 'inline'] as const)('an agent (%s)', (kind) => {
  test('searches, edits by id, runs again, and shows a link', async () => {
    const headers = { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/json' };
    const body = JSON.stringify({ model: 'wan2.7-image', prompt: `a red lighthouse for ${kind}`, size: '1K' });
    const made = await fetch(`${service.url}/v1/images/generations`, { method: 'POST', headers, body });
    const id = made.headers.get('x-generation-id')!;
    await made.text();
    await using model = await startChatModel([
      { tool: 'Search_images', arguments: { words: `lighthouse ${kind}` } },
      {
        tool: 'Edit_image',
        arguments: (said) => {
          const [image] = saidBy(said)['images'] as JsonObject[];
          return { image: image!['image_id'], prompt: 'at night' };
        },
      },
      { tool: 'Run_again', arguments: (said) => ({ id: saidBy(said)['generation_id'], size: '1280x720' }) },
      { text: (said) => `Here it is: ${String(saidBy(said)['markdown'])}` },
    ]);
    const run = await (
      await engine()
    ).run({
      workflow: withTools([SEARCH, EDIT, RERUN], kind),
      credentials: { ...credentialsOf(service.url), openAiApi: openAiCredential(model.baseUrl) },
    });
    expect(run.error?.message).toBeUndefined();
    const [found, edited, again] = model.toolMessages;
    expect(saidBy(found!)).toMatchObject({ id, prompt: `a red lighthouse for ${kind}` });
    // A language model is billed by the word.
    for (const message of model.toolMessages) expect(message.length).toBeLessThan(1_000);
    const record = async (said: string): Promise<unknown> =>
      (await fetch(`${service.url}/v1/generations/${String(saidBy(said)['generation_id'])}`, { headers })).json();
    expect(await record(edited!)).toMatchObject({ prompt: 'at night', input_images: [{ from_image: `${id}-0` }] });
    expect(await record(again!)).toMatchObject({ prompt: 'at night', request: { size: '1280x720' } });
    const said = String(run.output(AGENT)[0]!.json['output']);
    const [, url] = /!\[Image 1\]\((http\S+)\)/.exec(said) ?? [];
    expect((await fetch(url!)).headers.get('content-type')).toBe('image/png');
  });

  test('is told in words that nothing was found', async () => {
    await using model = await startChatModel([
      { tool: 'Search_images', arguments: { words: 'nothing' } },
      { text: 'There is none.' },
    ]);
    await (
      await engine()
    ).run({
      workflow: withTools([SEARCH, EDIT], kind),
      credentials: { ...credentialsOf(service.url), openAiApi: openAiCredential(model.baseUrl) },
    });
    expect(model.toolMessages).toEqual([expect.stringContaining('No generation was found')]);
  });
});
