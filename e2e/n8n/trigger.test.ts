import { createHistoryClient, type HistoryClient, type WebhookRecord } from '@wan-image/core';
import { startSimulator } from '@wan-image/simulator';
import { temporaryFolder } from '@wan-image/testing/folders';
import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PACKAGE_NAME, packedNode } from '../support/n8n/node-package.ts';
import { misfits, outputSchema } from '../support/n8n/output-schema.ts';
import { freePorts } from '../support/n8n/ports.ts';
import { startN8n, type N8nServer } from '../support/n8n/server.ts';
import type { JsonObject, RunData, WorkflowJson } from '../support/n8n/types.ts';
import { startService, type Service } from '../support/service.ts';

/** The trigger in the real n8n, with the real history service: both are processes of their own, and both are started again. */

const ADMIN_KEY = 'admin-key-0123456789-abcdefghij-0123456789';
const TRIGGER = 'Wan Image Trigger';
const START_LIMIT = { timeout: 60_000, interval: 100 };

const resources = new AsyncDisposableStack();
let folders: { readonly n8n: string; readonly history: string };
let ports: { readonly n8n: number; readonly history: number };
let tarball: string;
let n8n: N8nServer & AsyncDisposable;
let service: Service & AsyncDisposable;
let history: HistoryClient;
let credential: string;

beforeAll(async () => {
  const temporary = async (): Promise<string> => resources.use(await temporaryFolder()).path;
  folders = { n8n: await temporary(), history: await temporary() };
  const [one = 0, other = 0] = await freePorts(2);
  ports = { n8n: one, history: other };
  ({ tarball } = resources.use(await packedNode()));
  service = await openService();
  n8n = await openN8n();
  history = createHistoryClient({ baseUrl: service.url, apiKey: ADMIN_KEY });
  credential = await credentialOf(service.url, ADMIN_KEY);
});
afterAll(async () => {
  await n8n?.[Symbol.asyncDispose]();
  await service?.[Symbol.asyncDispose]();
  await resources.disposeAsync();
});

function openService(environment: Record<string, string> = {}): Promise<Service & AsyncDisposable> {
  return startService({
    DATA_DIR: folders.history,
    PORT: String(ports.history),
    ADMIN_API_KEY: ADMIN_KEY,
    WEBHOOK_PRIVATE_HOSTS: 'true',
    ...environment,
  });
}

function openN8n(): Promise<N8nServer & AsyncDisposable> {
  return startN8n({ tarball, folder: folders.n8n, port: ports.n8n });
}

function credentialOf(baseUrl: string, apiKey: string): Promise<string> {
  return n8n.createCredential('History', 'wanImageApi', { baseUrl, apiKey });
}

function workflowOf(path: string, parameters: JsonObject = {}, credentialId = credential): WorkflowJson {
  return {
    name: path,
    nodes: [
      {
        name: TRIGGER,
        type: `${PACKAGE_NAME}.wanImageTrigger`,
        typeVersion: 1,
        parameters,
        webhookId: path,
        credentials: { wanImageApi: { id: credentialId, name: 'History' } },
      },
    ],
    connections: {},
  };
}

async function webhooks(): Promise<readonly WebhookRecord[]> {
  return (await history.webhooks.list({ limit: 100 })).data;
}

async function generated(prompt: string): Promise<string> {
  const { id } = await history.submit({ model: 'wan2.7-image', prompt, size: '1K' });
  return id;
}

/** What the executions of a workflow started with, newest first. n8n lists none while it is running. */
async function started(workflowId: string): Promise<readonly JsonObject[]> {
  const path = `/api/v1/executions?workflowId=${workflowId}&status=success&includeData=true`;
  const found = (await n8n.request('GET', path)) as {
    readonly data: { readonly resultData: { readonly runData: RunData } };
  }[];
  return found.map(({ data }) => data.resultData.runData[TRIGGER]?.[0]?.data?.['main']?.[0]?.[0]?.json ?? {});
}

async function deactivate(workflowId: string): Promise<void> {
  await n8n.request('POST', `/api/v1/workflows/${workflowId}/deactivate`);
}

describe('an active workflow', () => {
  let workflow: string;
  beforeAll(async () => {
    workflow = await n8n.createWorkflow(workflowOf('files', { events: ['generation.succeeded', 'generation.failed'] }));
    await n8n.activate(workflow);
  });

  test('has a webhook at the history service', async () => {
    await expect.poll(webhooks).toHaveLength(1);
    expect(await webhooks()).toMatchObject([
      {
        url: `${n8n.url}/webhook/files/webhook`,
        events: ['generation.succeeded', 'generation.failed'],
        enabled: true,
        description: `n8n: files (${workflow}), ${TRIGGER}`,
      },
    ]);
  });

  test('starts for an image, and has its URL', async () => {
    const id = await generated('一间花店');
    await expect.poll(() => started(workflow), START_LIMIT).toHaveLength(1);
    const [item] = await started(workflow);
    expect(item).toMatchObject({
      event: 'generation.succeeded',
      generation_id: id,
      prompt: '一间花店',
      state: 'succeeded',
    });
    const [image] = item!['images'] as { url: string }[];
    expect((await fetch(image!.url)).status).toBe(200);
    const [webhook] = await webhooks();
    await expect
      .poll(async () => (await history.webhooks.deliveries(webhook!.id, { state: 'delivered' })).data)
      .toMatchObject([{ generation_id: id, response_status: 200 }]);
  });

  test('refuses a forged event', async () => {
    const [webhook] = await webhooks();
    const body = JSON.stringify({
      type: 'generation.succeeded',
      timestamp: '2026-11-28T08:00:00.000Z',
      data: { id: 'x' },
    });
    const timestamp = Math.floor(Date.now() / 1000);
    const signature = createHmac('sha256', 'another secret').update(`evil.${timestamp}.${body}`).digest('base64');
    for (const headers of [
      {},
      { 'webhook-id': 'evil', 'webhook-timestamp': String(timestamp), 'webhook-signature': `v1,${signature}` },
    ]) {
      const response = await fetch(webhook!.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers } as Record<string, string>,
        body,
      });
      expect(response.status).toBe(401);
    }
    expect(await started(workflow)).toHaveLength(1);
  });

  test('ignores an event that comes again', async () => {
    await redelivered();
    await generated('another one');
    await expect.poll(async () => (await started(workflow))[0], START_LIMIT).toMatchObject({ prompt: 'another one' });
    expect(await started(workflow)).toHaveLength(2);
  });

  test('goes on after n8n was started again, with the same webhook, and still knows the event', async () => {
    const before = await webhooks();
    await n8n[Symbol.asyncDispose]();
    n8n = await openN8n();
    const id = await generated('after the restart of n8n');
    await expect.poll(async () => (await started(workflow))[0], START_LIMIT).toMatchObject({ generation_id: id });
    expect(await webhooks()).toEqual(before);
    await redelivered();
    expect(await started(workflow)).toHaveLength(3);
  });

  test('goes on after the history service was started again', async () => {
    await service.kill('SIGKILL');
    service = await openService();
    const id = await generated('after the restart of the service');
    await expect.poll(async () => (await started(workflow))[0], START_LIMIT).toMatchObject({ generation_id: id });
    expect(await started(workflow)).toHaveLength(4);
  });

  test('has no webhook once it is deactivated, and another one when it is activated again', async () => {
    const [before] = await webhooks();
    await deactivate(workflow);
    await expect.poll(webhooks).toEqual([]);
    await n8n.activate(workflow);
    await expect.poll(webhooks).toHaveLength(1);
    expect((await webhooks())[0]?.id).not.toBe(before?.id);
    const id = await generated('after the second activation');
    await expect.poll(async () => (await started(workflow))[0], START_LIMIT).toMatchObject({ generation_id: id });
    await deactivate(workflow);
    await expect.poll(webhooks).toEqual([]);
  });

  /** The service sends the first event again: the same id and body, with a signature of now. */
  async function redelivered(): Promise<void> {
    const [webhook] = await webhooks();
    const { data } = await history.webhooks.deliveries(webhook!.id, { limit: 100 });
    const first = data.findLast(({ generation_id }) => generation_id !== null)!;
    await history.webhooks.redeliver(first.id);
    const latest = async (): Promise<unknown> =>
      (await history.webhooks.deliveries(webhook!.id)).data.find(({ id }) => id === first.id);
    await expect.poll(latest).toMatchObject({
      state: 'delivered',
      attempts: first.attempts + 1,
      response_status: 200,
      response_body: expect.stringContaining('received before') as string,
    });
  }
});

test('a filter keeps other generations from starting it', async () => {
  const workflow = await n8n.createWorkflow(workflowOf('pro', { filters: { models: 'wan2.7-image-pro' } }));
  await n8n.activate(workflow);
  // n8n activates in the background.
  await expect.poll(webhooks).toHaveLength(1);
  await generated('not this one');
  const { id } = await history.submit({ model: 'wan2.7-image-pro', prompt: 'this one', size: '1K' });
  await expect.poll(() => started(workflow), START_LIMIT).toMatchObject([{ generation_id: id }]);
  const [webhook] = await webhooks();
  await expect
    .poll(async () =>
      (await history.webhooks.deliveries(webhook!.id, { state: 'delivered' })).data.map((one) => one.response_body),
    )
    .toContainEqual(expect.stringContaining('does not pass the filters'));
  await deactivate(workflow);
  await expect.poll(webhooks).toEqual([]);
});

test('has the fields of its schema, with which the editor shows them before anything has run', async () => {
  const workflow = await n8n.createWorkflow(
    workflowOf('fields', { events: ['generation.succeeded', 'generation.resolved'] }),
  );
  await n8n.activate(workflow);
  await expect.poll(webhooks).toHaveLength(1);
  // As base64 an image is stored before its event; the size of one that is fetched from its URL may be known later.
  const request = { model: 'wan2.7-image', size: '1K', response_format: 'b64_json' } as const;
  await history.submit({ ...request, prompt: 'with images' });
  // The event of its end would have neither tags nor a note.
  const { id } = await history.submit({ ...request, prompt: 'unknown [[simulate status=500]]' });
  await expect.poll(async () => (await history.get(id)).outcome).toBe('unknown');
  await history.update(id, { tags: ['shop'], note: 'on the invoice' });
  await history.resolve(id, { outcome: 'billed' });
  await expect.poll(() => started(workflow), START_LIMIT).toHaveLength(2);
  const outputs = await started(workflow);
  expect(misfits(await outputSchema('WanImageTrigger/__schema__/v1.0.0.json'), outputs)).toEqual([]);
  await deactivate(workflow);
  await expect.poll(webhooks).toEqual([]);
});

test('the editor waits for one event, with a webhook of its own', async () => {
  const workflow = await n8n.createWorkflow(workflowOf('test-event'));
  await n8n.startManually(workflow, TRIGGER);
  expect(await webhooks()).toMatchObject([{ url: `${n8n.url}/webhook-test/test-event/webhook` }]);
  const id = await generated('for the editor');
  await expect.poll(() => started(workflow), START_LIMIT).toMatchObject([{ generation_id: id }]);
  await expect.poll(webhooks).toEqual([]);
});

describe('an activation fails, with the reason and the remedy, and registers nothing', () => {
  let count = 0;

  /** n8n activates in the background, tries three times, and shows the last error in the editor. */
  const failureOf = async (credentialId: string): Promise<string> => {
    const workflow = await n8n.createWorkflow(workflowOf(`fails-${count++}`, {}, credentialId));
    await n8n.activate(workflow);
    const status = async (): Promise<string> =>
      JSON.stringify(await n8n.request('GET', `/rest/workflows/${workflow}/publication-status`));
    await expect.poll(status, START_LIMIT).toMatch(/fail|error/i);
    const text = await status();
    await deactivate(workflow);
    return text;
  };

  test('for a key without the scope manage', async () => {
    const key = await keyWith(['generate', 'read']);
    const message = await failureOf(await credentialOf(service.url, key));
    expect(message).toContain('lacks the scope \\"manage\\"');
    expect(message).not.toContain(key);
    expect(await webhooks()).toEqual([]);
  });

  test('for a service that has no history', async () => {
    const simulator = await startSimulator({ port: 0, latencyMs: 1 });
    expect(await failureOf(await credentialOf(simulator.url, 'any'))).toContain('No history service at the Base URL');
    await simulator.close();
  });

  test('for a service that is not there', async () => {
    const message = await failureOf(await credentialOf('http://127.0.0.1:1', 'any'));
    expect(message).toContain('The history service cannot be reached');
  });

  test('for a service that may not send to a private network', async () => {
    await service.kill('SIGTERM');
    service = await openService({ WEBHOOK_PRIVATE_HOSTS: 'false' });
    const message = await failureOf(credential);
    expect(message).toContain(`${new URL(n8n.url).host} is not on the public internet`);
    expect(message).toContain('WEBHOOK_PRIVATE_HOSTS=true');
    expect(await webhooks()).toEqual([]);
  });
});

test('neither n8n nor the service logs a key or a secret', () => {
  for (const text of [n8n.log(), service.output()]) {
    expect(text).not.toContain(ADMIN_KEY);
    expect(text).not.toContain('whsec_');
  }
});

async function keyWith(scopes: readonly string[]): Promise<string> {
  const post = async (path: string, body: object): Promise<JsonObject> => {
    const response = await fetch(`${service.url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${ADMIN_KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect(response.status).toBe(201);
    return response.json() as Promise<JsonObject>;
  };
  const { id } = await post('/v1/projects', { name: 'Trigger' });
  return String((await post('/v1/api-keys', { project_id: id, name: 'Trigger', scopes }))['key']);
}
