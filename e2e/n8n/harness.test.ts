import { sendJson, startTestServer } from '@wan-image/testing/http-server';
import OpenAI from 'openai';
import { afterAll, describe, expect, test } from 'vitest';
import { AGENT, agentWorkflow, openAiCredential } from '../support/n8n/agent.ts';
import { startChatModel } from '../support/n8n/chat-model.ts';
import { openEngine, type Engine } from '../support/n8n/engine.ts';
import { misfits } from '../support/n8n/output-schema.ts';
import { chain, field, keepOnly, START } from '../support/n8n/workflows.ts';
import type { BinaryData, WorkflowNode } from '../support/n8n/types.ts';

/** The engine of the other tests, verified with n8n's own nodes. */

const PASS: WorkflowNode = { name: 'Pass', type: 'n8n-nodes-base.noOp', typeVersion: 1, parameters: {} };
const FRONT = Buffer.from('front');
const BACK = Buffer.from('back');
const TWO_FILES = {
  json: { sku: 'A-9' },
  binary: { front: { data: FRONT, fileName: 'front.png' }, back: { data: BACK, mimeType: 'image/webp' } },
};

describe.each(['default', 'filesystem'] as const)('storage %s', (storage) => {
  const engines = opened({ storage });

  test('items reach the last node with their files and their pairing', async () => {
    const engine = await engines();
    const run = await engine.run({
      workflow: chain(PASS, keepOnly({ sku: `={{ $('${START}').item.json.sku }}` })),
      input: [TWO_FILES, { json: { sku: 'B-1' } }],
    });
    expect(run.status).toBe('success');
    const [first, second] = run.output('Keep');
    expect(first).toMatchObject({ json: { sku: 'A-9' }, pairedItem: { item: 0 } });
    expect(second).toMatchObject({ json: { sku: 'B-1' }, pairedItem: { item: 1 } });
    const { front, back } = run.output('Pass')[0]!.binary!;
    expect(front).toMatchObject({ fileName: 'front.png', mimeType: 'image/png', bytes: 5 });
    expect(back).toMatchObject({ mimeType: 'image/webp' });
    expect(await engine.bytes(front!)).toEqual(FRONT);
    expect(await engine.bytes(back!)).toEqual(BACK);
    expect(front!.id === undefined).toBe(storage === 'default');
  });

  // With files in memory the binary mode does not move them; its effect on expressions is always the same.
  test('a workflow with the binary mode `combined`', async () => {
    const engine = await engines();
    const run = await engine.run({
      workflow: chain(PASS, keepOnly({ sku: `={{ $('${START}').item.sku }}` }), { binaryMode: 'combined' }),
      input: [TWO_FILES],
    });
    const [item] = run.output('Pass');
    const files = (item!.binary ?? item!.json['_files']) as Record<string, BinaryData>;
    expect(item!.binary === undefined).toBe(storage === 'filesystem');
    expect(await engine.bytes(files['front']!)).toEqual(FRONT);
    expect(run.output('Keep')[0]!.json['sku']).toBe('A-9');
  });
});

describe('a run', () => {
  const engines = opened();

  test('that is canceled stops in the middle of a node, and starts no other', async () => {
    const engine = await engines();
    const stop = new AbortController();
    const run = await engine.run({
      workflow: chain(
        { name: 'Wait', type: 'n8n-nodes-base.wait', typeVersion: 1.1, parameters: { amount: 60 } },
        PASS,
      ),
      signal: stop.signal,
      onNodeStart: (name) => {
        if (name === 'Wait') setTimeout(() => stop.abort(), 50);
      },
    });
    expect(run.status).toBe('canceled');
    expect(run.runs('Pass')).toEqual([]);
  });

  const fails: WorkflowNode = {
    name: 'Fails',
    type: 'n8n-nodes-base.stopAndError',
    typeVersion: 1,
    parameters: { errorMessage: 'No.' },
  };

  test('ends with the error of a node that stops the workflow', async () => {
    const engine = await engines();
    const run = await engine.run({ workflow: chain({ ...fails, onError: 'stopWorkflow' }, PASS) });
    expect(run).toMatchObject({ status: 'error', error: { message: 'No.', name: 'NodeOperationError' } });
    expect(run.runs('Pass')).toEqual([]);
  });

  test('continues after a node that may fail', async () => {
    const engine = await engines();
    const run = await engine.run({ workflow: chain({ ...fails, onError: 'continueRegularOutput' }, PASS) });
    expect(run.status).toBe('success');
    expect(run.output('Pass')).toHaveLength(1);
  });

  test('retries a node as often as its settings say', async () => {
    await using server = await startTestServer((_request, response, count) =>
      sendJson(response, count < 3 ? 503 : 200, { count }),
    );
    const engine = await engines();
    const request = { ...httpRequest(server.url), retryOnFail: true, maxTries: 3, waitBetweenTries: 1 };
    const run = await engine.run({ workflow: chain(request) });
    expect(server.requests).toHaveLength(3);
    expect(run.output('Request')[0]!.json).toEqual({ count: 3 });
  });

  test('sends failed items to the error output', async () => {
    await using server = await startTestServer((_request, response, count) =>
      sendJson(response, count === 1 ? 400 : 200, { count }),
    );
    const engine = await engines();
    const run = await engine.run({
      workflow: chain({ ...httpRequest(server.url), onError: 'continueErrorOutput' }),
      input: [{ json: { sku: 'A' } }, { json: { sku: 'B' } }],
    });
    expect(run.output('Request', 0)).toHaveLength(1);
    expect(run.output('Request', 1)).toHaveLength(1);
  });
});

describe('a credential', () => {
  const engines = opened();

  test('is encrypted, decrypted and added to the request by its type', async () => {
    await using server = await startTestServer((_request, response) => sendJson(response, 200, { ok: true }));
    const engine = await engines();
    const request = httpRequest(server.url, {
      authentication: 'predefinedCredentialType',
      nodeCredentialType: 'openAiApi',
    });
    const run = await engine.run({
      workflow: chain(request),
      credentials: { openAiApi: openAiCredential(server.url) },
    });
    expect(run.error).toBeUndefined();
    expect(server.requests[0]!.headers['authorization']).toBe('Bearer sk-e2e');
  });

  test('is tested as by its dialog', async () => {
    await using server = await startTestServer(({ path }, response) =>
      sendJson(response, path.startsWith('/good') ? 200 : 401, { data: [] }),
    );
    const engine = await engines();
    expect(await engine.testCredential('openAiApi', openAiCredential(`${server.url}/good`))).toMatchObject({
      status: 'OK',
    });
    expect(await engine.testCredential('openAiApi', openAiCredential(`${server.url}/bad`))).toMatchObject({
      status: 'Error',
    });
  });

  test('serves the lists of a resource locator', async () => {
    await using server = await startTestServer((_request, response) =>
      sendJson(response, 200, { object: 'list', data: [{ id: 'gpt-4o', object: 'model' }] }),
    );
    const engine = await engines();
    const found = await engine.listSearch({
      nodeType: '@n8n/n8n-nodes-langchain.lmChatOpenAi',
      typeVersion: 1.2,
      method: 'searchModels',
      credentials: { openAiApi: openAiCredential(server.url) },
    });
    expect(found.results).toEqual([{ name: 'gpt-4o', value: 'gpt-4o' }]);
  });
});

test.each(['engine', 'inline'] as const)(
  'an agent (%s) passes the arguments of the model to the tool, and its response to the model',
  async (kind) => {
    await using engine = await openEngine();
    await using model = await startChatModel([
      { arguments: { Date: '2026-11-23T00:00:00Z' } },
      { text: (said) => `The tool said ${said}` },
    ]);
    const tool = {
      name: 'Year of date',
      type: 'n8n-nodes-base.dateTimeTool',
      typeVersion: 2,
      parameters: {
        operation: 'formatDate',
        date: "={{ $fromAI('Date', 'Some date', 'string') }}",
        format: 'custom',
        customFormat: 'yyyy',
        options: {},
      },
    };
    const run = await engine.run({
      workflow: agentWorkflow(tool, kind),
      credentials: { openAiApi: openAiCredential(model.baseUrl) },
    });
    expect(run.error).toBeUndefined();
    expect(model.requests[0]!.tools![0]!.function).toMatchObject({
      name: 'Year_of_date',
      parameters: { properties: { Date: { description: 'Some date' } } },
    });
    expect(model.toolMessages).toEqual([expect.stringContaining('2026')]);
    expect(field(run.output(AGENT)[0]!, 'output')).toBe(`The tool said ${model.toolMessages[0]}`);
    expect(run.runs('Year of date')).toHaveLength(1);
  },
);

test('the fake model streams its responses as the real one does', async () => {
  await using model = await startChatModel([
    { arguments: { prompt: 'cat' }, tool: 'generate' },
    { text: 'Here it is.' },
  ]);
  const client = new OpenAI({ baseURL: model.baseUrl, apiKey: 'sk-e2e', maxRetries: 0 });
  const complete = () =>
    client.chat.completions.stream({ model: 'gpt-4o', messages: [{ role: 'user', content: 'Generate.' }] });
  const [call] = (await complete().finalMessage()).tool_calls!;
  expect(call).toMatchObject({ function: { name: 'generate', arguments: '{"prompt":"cat"}' } });
  expect(await complete().finalContent()).toBe('Here it is.');
});

describe('the comparison of outputs with their schema', () => {
  const schema = {
    type: 'object',
    properties: {
      price: { type: 'number' },
      seed: { type: 'integer' },
      note: { type: 'string' },
      tags: { type: 'array', items: { type: 'string' } },
    },
  };
  const whole = { price: 1, seed: 7, note: 'x', tags: ['a'] };

  test.each<[string, readonly object[], readonly string[]]>([
    ['each field once', [whole, { price: 0.5, seed: null, note: null, tags: [] }], []],
    ['a whole number for a number alone', [{ ...whole, seed: 0.5 }], ['output.seed is number, not integer']],
    ['null everywhere', [{ ...whole, note: null }], ['output.note is null in every output']],
    ['lists without an item', [{ ...whole, tags: [] }], ['output.tags is empty in every output']],
    ['another type of item', [{ ...whole, tags: ['a', 1] }], ['output.tags[] is integer, not string']],
    ['a field too many', [{ ...whole, sku: 'A' }], ['output.sku is not in the schema']],
    ['a field that one lacks', [whole, { price: 1, seed: 7, tags: [] }], ['output.note is not in every output']],
    ['a field that all lack', [{ price: 1, seed: 7, tags: ['a'] }], ['output.note is in no output']],
  ])('finds what is wrong: %s', (_what, outputs, found) => {
    expect(misfits(schema, outputs)).toEqual(found);
  });

  test('lets one of them lack what is optional, but not all', () => {
    const { note, ...without } = whole;
    expect(misfits(schema, [whole, without], { optional: ['note'] })).toEqual([]);
    expect([note, misfits(schema, [without], { optional: ['note'] })]).toEqual(['x', ['output.note is in no output']]);
  });
});

test('a second engine is refused while one is open', async () => {
  await using _first = await openEngine();
  await expect(openEngine()).rejects.toThrow('An engine is open already');
});

/** One engine for all tests of a block, opened by the first: test files in one process share n8n's services. */
function opened(options: Parameters<typeof openEngine>[0] = {}): () => Promise<Engine> {
  let opening: ReturnType<typeof openEngine> | undefined;
  afterAll(async () => (await opening)?.[Symbol.asyncDispose]());
  return () => (opening ??= openEngine(options));
}

function httpRequest(url: string, parameters = {}): WorkflowNode {
  return {
    name: 'Request',
    type: 'n8n-nodes-base.httpRequest',
    typeVersion: 4.2,
    parameters: { url, ...parameters, options: {} },
  };
}
