import { afterAll, beforeAll, expect, test } from 'vitest';
import { AGENT, agentWorkflow, openAiCredential } from '../support/n8n/agent.ts';
import { startChatModel } from '../support/n8n/chat-model.ts';
import { startN8n } from '../support/n8n/server.ts';
import type { WorkflowNode } from '../support/n8n/types.ts';
import { chain, field, keepOnly, START, withCredential } from '../support/n8n/workflows.ts';

/** The real server and its client, verified with n8n's own nodes. */

const TO_FILE: WorkflowNode = {
  name: 'File',
  type: 'n8n-nodes-base.convertToFile',
  typeVersion: 1.1,
  parameters: { operation: 'toText', sourceProperty: 'text', options: {} },
};
const WAIT: WorkflowNode = {
  name: 'Wait',
  type: 'n8n-nodes-base.wait',
  typeVersion: 1.1,
  parameters: { amount: 30, unit: 'seconds' },
};

let n8n: Awaited<ReturnType<typeof startN8n>>;
beforeAll(async () => {
  n8n = await startN8n();
});
afterAll(() => n8n[Symbol.asyncDispose]());

test('a workflow runs, and its file can be downloaded', async () => {
  const workflow = await n8n.createWorkflow(chain(keepOnly({ text: 'hello' }), TO_FILE));
  const { status, runData } = await n8n.runManually(workflow, START);
  expect(status).toBe('success');
  const file = runData['File']![0]!.data!['main']![0]![0]!.binary!['data']!;
  expect(String(await n8n.binary(file))).toBe('hello');
});

test('a run can be stopped', async () => {
  // Without this setting n8n discards the nodes that ended before the run was stopped.
  const settings = { saveExecutionProgress: true };
  const workflow = await n8n.createWorkflow(chain(keepOnly({ text: 'hello' }, 'Before'), WAIT, settings));
  const execution = await n8n.startManually(workflow, START);
  await expect.poll(async () => (await n8n.execution(execution)).runData).toHaveProperty('Before');
  await n8n.stop(execution);
  const { status, runData } = await n8n.ended(execution);
  expect(status).toBe('canceled');
  expect(Object.keys(runData)).toEqual([START, 'Before']);
});

test('an agent uses a tool', async () => {
  await using model = await startChatModel([
    { arguments: { Date: '2026-11-23T00:00:00Z' } },
    { text: (said) => `The tool said ${said}` },
  ]);
  const id = await n8n.createCredential('Model', 'openAiApi', openAiCredential(model.baseUrl));
  const tool: WorkflowNode = {
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
  const workflow = await n8n.createWorkflow(withCredential(agentWorkflow(tool, 'engine'), 'Model', 'openAiApi', id));
  const { error, runData } = await n8n.runManually(workflow, START);
  expect(error?.message).toBeUndefined();
  expect(model.toolMessages).toEqual(['[{"formattedDate":"2026"}]']);
  const [response] = runData[AGENT]!.at(-1)!.data!['main']![0]!;
  expect(field(response!, 'output')).toBe('The tool said [{"formattedDate":"2026"}]');
});

test('n8n sends no request to the internet', async () => {
  expect(n8n.log()).not.toMatch(/ENOTFOUND|EAI_AGAIN/);
});
