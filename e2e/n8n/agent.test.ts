import { describe, expect, test } from 'vitest';
import { AGENT, agentWorkflow, openAiCredential, type AgentKind } from '../support/n8n/agent.ts';
import { startChatModel, type ChatResponse, type ChatModel } from '../support/n8n/chat-model.ts';
import type { Run } from '../support/n8n/execute.ts';
import { imageAt } from '../support/images.ts';
import {
  API_KEY,
  credentialsOf,
  editOf,
  NODE_TYPE,
  startQuickSimulator,
  urlRow,
  workbench,
  type Workbench,
} from '../support/n8n/wan-image.ts';
import { fails, startVendor } from '../support/n8n/vendor.ts';
import type { JsonObject, WorkflowNode } from '../support/n8n/types.ts';

/** The node as the tool of an agent (n8n#38357). */

const KINDS = ['engine', 'inline'] as const;
const TOOL = 'Generate';

function tool(parameters: JsonObject): WorkflowNode {
  return { name: TOOL, type: `${NODE_TYPE}Tool`, typeVersion: 1, parameters };
}

const GENERATE = {
  prompt: "={{ $fromAI('prompt', 'What to generate', 'string') }}",
  size: "={{ $fromAI('size', '1K or 2K', 'string', '1K') }}",
  numberOfImages: "={{ $fromAI('number', 'How many', 'number', 1) }}",
  thinkingMode: false,
};

const EDIT = editOf([urlRow("={{ $fromAI('url', 'The image to edit', 'string') }}")], {
  prompt: "={{ $fromAI('prompt', 'What to change', 'string') }}",
  size: '1K',
});

interface AgentRun {
  readonly run: Run;
  readonly model: Pick<ChatModel, 'requests' | 'toolMessages'>;
}

type RunAgent = (
  kind: AgentKind,
  server: { readonly url: string },
  parameters: JsonObject,
  script: readonly ChatResponse[],
) => Promise<AgentRun>;

/** Runs an agent whose model follows the script. */
function agentRunner(bench: Workbench): RunAgent {
  return async (kind, server, parameters, script) => {
    await using model = await startChatModel(script);
    const run = await (
      await bench.engine()
    ).run({
      workflow: agentWorkflow(tool(parameters), kind),
      credentials: { ...credentialsOf(server.url), openAiApi: openAiCredential(model.baseUrl) },
    });
    return { run, model: { requests: [...model.requests], toolMessages: [...model.toolMessages] } };
  };
}

/** The images in the response of a tool, which may be one or several. */
function imagesIn(message: string): JsonObject[] {
  const parsed = JSON.parse(message) as unknown;
  return [parsed].flat(2).map((item) => ((item as JsonObject)['response'] ?? item) as JsonObject);
}

describe.each(KINDS)('an agent (%s)', (kind) => {
  const files = workbench();
  const runAgent = agentRunner(files);

  test('sees a tool with a name, a description and the arguments that it may fill in', async () => {
    await using simulator = await startQuickSimulator();
    const { model } = await runAgent(kind, simulator, GENERATE, [{ text: 'No.' }]);
    const [{ function: schema }] = model.requests[0]!.tools as [
      { function: { name: string; description: string; parameters: JsonObject } },
    ];
    expect(schema.name).toBe(TOOL);
    expect(schema.description).toMatch(
      /^Generates a new image from a text prompt.*show that line to the user unchanged\.$/,
    );
    expect(schema.parameters).toMatchObject({
      properties: { prompt: { type: 'string' }, size: { description: '1K or 2K' }, number: { type: 'number' } },
    });
    expect(Object.keys(schema.parameters['properties'] as object).toSorted()).toEqual(['number', 'prompt', 'size']);
  });

  test('gets for each image a short JSON with a Markdown line whose URL works, and no bytes', async () => {
    await using simulator = await startQuickSimulator();
    const { run, model } = await runAgent(kind, simulator, GENERATE, [
      { arguments: { prompt: '一间花店', size: '1K', number: 2 } },
      { text: (message) => message },
    ]);
    expect(run.error?.message).toBeUndefined();
    const [message] = model.toolMessages as [string];
    expect(message.length).toBeLessThan(4_000);
    expect(message).not.toMatch(/base64|iVBORw0KGgo/);
    const images = imagesIn(message);
    expect(images).toHaveLength(2);
    for (const { markdown, url } of images) {
      expect(markdown).toMatch(/^!\[[^\]]*\]\(http[^)\s]+\)$/);
      expect(markdown).toContain(String(url));
      expect(await imageAt(String(url))).toBe('png 1024x1024');
    }
    expect(simulator.calls.map(({ body }) => body)).toMatchObject([{ prompt: '一间花店', size: '1K', n: 2 }]);
  });

  test('may give numbers as text, and omit arguments with a default', async () => {
    await using simulator = await startQuickSimulator();
    const numberOfImages = "={{ $fromAI('number', 'How many', 'string') }}";
    await runAgent(kind, simulator, { ...GENERATE, numberOfImages }, [
      { arguments: { prompt: '花', number: '2' } },
      { text: 'Done.' },
    ]);
    expect(simulator.calls.map(({ body }) => body)).toMatchObject([{ prompt: '花', n: 2, size: '1K' }]);
  });

  test('gets the error of an invalid argument with its remedy, and can correct it', async () => {
    await using simulator = await startQuickSimulator();
    const { run, model } = await runAgent(kind, simulator, GENERATE, [
      { arguments: { prompt: '花', size: '2k', number: 9 } },
      { arguments: { prompt: '花', size: '2K', number: 1 } },
      { text: 'Done.' },
    ]);
    expect(run.error?.message).toBeUndefined();
    const [first, second] = model.toolMessages as [string, string];
    expect(first).toContain('Nothing was sent, so nothing was billed.');
    expect(first).toMatch(/Size|Number of Images/);
    expect(imagesIn(second)[0]).toHaveProperty('markdown');
    expect(simulator.totals.calls).toBe(1);
  });

  test.each<[string, JsonObject, number, RegExp]>([
    [
      'an account without credit',
      { message: 'no quota', code: 'insufficient_user_quota' },
      402,
      /no quota.*add credit.*Nothing was billed/s,
    ],
    ['a failing service', { message: 'Broke' }, 500, /It may have been billed.*before you run this again/s],
    ['an invalid key', { message: 'Invalid token' }, 401, /Check the API Key and the Base URL/],
  ])('gets the error of %s, with the remedy', async (_name, error, status, expected) => {
    await using vendor = await startVendor({ generate: () => fails(status, error) });
    const { model } = await runAgent(kind, vendor, GENERATE, [{ arguments: { prompt: '花' } }, { text: 'Sorry.' }]);
    expect(model.toolMessages[0]).toMatch(expected);
    expect(vendor.posts).toHaveLength(1);
  });

  test('edits an image that it generated, by its URL', async () => {
    await using simulator = await startQuickSimulator();
    const generated = await runAgent(kind, simulator, GENERATE, [{ arguments: { prompt: '花' } }, { text: 'Here.' }]);
    const [{ url }] = imagesIn(generated.model.toolMessages[0]!) as [{ url: string }];
    const { run, model } = await runAgent(kind, simulator, EDIT, [
      { arguments: { url, prompt: '换成夜晚' } },
      { text: 'Here.' },
    ]);
    expect(run.error?.message).toBeUndefined();
    expect(imagesIn(model.toolMessages[0]!)[0]).toMatchObject({ index: 0, total: 1 });
    expect(simulator.calls[1]!.body).toMatchObject({ image: url });
  });

  test('gets, with a copy in this instance, a link that n8n signs for the stored bytes', async () => {
    await using simulator = await startQuickSimulator();
    const { run, model } = await runAgent(kind, simulator, { ...GENERATE, output: 'both' }, [
      { arguments: { prompt: '花' } },
      { text: 'Here.' },
    ]);
    expect(run.error?.message).toBeUndefined();
    const [{ url }] = imagesIn(model.toolMessages[0]!) as [{ url: string }];
    const token = new URL(url).searchParams.get('token')!;
    expect(new URL(url).pathname).toMatch(/\/binary-data\/signed$/);
    const { id } = JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as { id: string };
    const bytes = await (await files.engine()).bytes({ id, data: id.split(':')[0]!, mimeType: 'image/png' });
    expect(bytes.subarray(1, 4).toString()).toBe('PNG');
  });

  test('uses its tool, which n8n shows as one run', async () => {
    await using simulator = await startQuickSimulator();
    const { run } = await runAgent(kind, simulator, GENERATE, [{ arguments: { prompt: '花' } }, { text: 'Here.' }]);
    expect(run.runs(TOOL)).toHaveLength(1);
    expect(run.output(AGENT)[0]!.json['output']).toBe('Here.');
  });
});

describe('where binary data is in memory', () => {
  const runAgent = agentRunner(workbench({ storage: 'default' }));

  test.each(KINDS)('an agent (%s) cannot have a signed URL, and nothing is sent', async (kind) => {
    await using simulator = await startQuickSimulator();
    const { model } = await runAgent(kind, simulator, { ...GENERATE, output: 'both' }, [
      { arguments: { prompt: '花' } },
      { text: 'Sorry.' },
    ]);
    expect(model.toolMessages[0]).toContain('keeps binary data in memory');
    expect(model.toolMessages[0]).toContain('URL of the Service');
    // The message holds the description too, because a model sees nothing else.
    expect(model.toolMessages[0]).toContain('sign a link to it. Choose');
    expect(model.toolMessages[0]).toContain('Nothing was sent');
    expect(simulator.totals.calls).toBe(0);
  });
});

describe('the variant of the node for agents', () => {
  const bench = workbench();

  test('has its own description', async () => {
    const { description, displayName } = (await bench.engine()).description(`${NODE_TYPE}Tool`);
    expect(displayName).toBe('Wan Image Tool');
    expect(String(description)).toContain('Markdown line');
  });

  test('never reveals the API key', async () => {
    await using vendor = await startVendor({ generate: () => fails(401, { message: `Invalid token ${API_KEY}` }) });
    const script = [{ arguments: { prompt: '花' } }, { text: 'Sorry.' }];
    const { model } = await agentRunner(bench)('engine', vendor, GENERATE, script);
    expect(JSON.stringify(model)).not.toContain(API_KEY);
  });
});
