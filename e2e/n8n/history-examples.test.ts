import { createHistoryClient, type HistoryClient } from '@wan-image/core';
import { temporaryFolder } from '@wan-image/testing/folders';
import { startTestServer, type TestServer } from '@wan-image/testing/http-server';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { packedNode } from '../support/n8n/node-package.ts';
import { startN8n, type N8nServer } from '../support/n8n/server.ts';
import type { Item, RunData } from '../support/n8n/types.ts';
import { example, wanImage } from '../support/n8n/wan-image-server.ts';
import { startService } from '../support/service.ts';

/** The examples that need a history service, imported into the real n8n as users do. */

const ADMIN_KEY = 'admin-key-0123456789-abcdefghij-0123456789';
const PATIENCE = { timeout: 60_000, interval: 100 };

const resources = new AsyncDisposableStack();
let n8n: N8nServer;
let history: HistoryClient;
let credential: string;
beforeAll(async () => {
  const folder = resources.use(await temporaryFolder());
  const environment = { DATA_DIR: folder.path, PORT: '0', ADMIN_API_KEY: ADMIN_KEY, WEBHOOK_PRIVATE_HOSTS: 'true' };
  const service = resources.use(await startService(environment));
  const { tarball } = resources.use(await packedNode());
  n8n = resources.use(await startN8n({ tarball }));
  history = createHistoryClient({ baseUrl: service.url, apiKey: ADMIN_KEY });
  credential = await n8n.createCredential('History', 'wanImageApi', { baseUrl: service.url, apiKey: ADMIN_KEY });
});
afterAll(() => resources.disposeAsync());

function itemsOf(runData: RunData, node: string): readonly Item[] {
  return runData[node]?.at(-1)?.data?.['main']?.[0] ?? [];
}

/** A generation that has ended. */
async function generated(prompt: string): Promise<string> {
  const { id } = await history.submit({ model: 'wan2.7-image', prompt, size: '1K' });
  await history.get(id, { wait: 30 });
  return id;
}

test('a searchable archive with a weekly report', async () => {
  const id = await generated('一间花店，漂亮的木质门');
  await generated('a lighthouse');
  await generated('a failure [[simulate status=402]]');
  const secret = { name: 'X-Key', value: 'e2e-secret' };
  const header = await n8n.createCredential('Key', 'httpHeaderAuth', secret);
  const workflow = await example('image-archive.json', {
    ...wanImage(credential),
    'n8n-nodes-base.webhook': { type: 'httpHeaderAuth', id: header },
  });
  const workflowId = await n8n.createWorkflow(workflow);
  await n8n.activate(workflowId);
  const search = (q: string): Promise<Response> =>
    fetch(`${n8n.url}/webhook/archive?q=${encodeURIComponent(q)}`, { headers: { [secret.name]: secret.value } });
  await expect.poll(async () => (await search('花店')).status, PATIENCE).toBe(200);
  const { generations } = (await (await search('花店')).json()) as { generations: { id: string; urls: string[] }[] };
  expect(generations).toMatchObject([{ id, prompt: '一间花店，漂亮的木质门', urls: [expect.any(String)] }]);
  expect((await fetch(generations[0]!.urls[0]!)).headers.get('content-type')).toBe('image/png');
  expect(await (await search('submarine')).json()).toEqual({ generations: [] });

  const { error, runData } = await n8n.runManually(workflowId, 'Every Monday');
  expect(error?.message).toBeUndefined();
  const [report] = itemsOf(runData, 'Report');
  expect(report?.json).toMatchObject({ generations: 3, images: 2, failed: 1, unknown: 0 });
  expect(report?.json['text']).toMatch(/^## Images of the last seven days\n\n- a lighthouse: \[1\]\(http/);
});

test('a draft in the chat, approved, runs again in 4K', async () => {
  const trigger = 'When chat message received';
  const say = async (chatInput: string, sessionId = 'chat-1') => {
    const workflow = await example('approve-in-chat.json', wanImage(credential));
    const message = { sessionId, action: 'sendMessage', chatInput };
    const id = await n8n.createWorkflow({ ...workflow, pinData: { [trigger]: [{ json: message }] } });
    const { error, runData } = await n8n.runManually(id, trigger);
    expect(error?.message).toBeUndefined();
    return runData;
  };
  const text = (runData: RunData, node: string): string => String(itemsOf(runData, node)[0]?.json['output']);

  expect(text(await say('4K'), 'Ask for a prompt')).toContain('no draft yet');
  const draft = await say('红色的灯塔');
  expect(text(draft, 'Send the draft')).toMatch(/^!\[Draft\]\(http.*\n\nSend `4K`/);
  const approved = await say(' 4k ');
  expect(text(approved, 'Send in 4K')).toMatch(/^!\[In 4K\]\(http.*\n\n4096 × 4096 pixels$/);
  expect(text(await say('4K', 'chat-2'), 'Ask for a prompt')).toContain('no draft yet');

  const parent = String(itemsOf(draft, 'Draft')[0]?.json['generation_id']);
  const { data } = await history.page({ derived_from: parent });
  expect(data).toMatchObject([{ prompt: '红色的灯塔', model: 'wan2.7-image-pro', request: { size: '4K' } }]);
});

test('each new image is filed in a drive', async () => {
  await using drive: TestServer & AsyncDisposable = await startTestServer((_request, response) => {
    response.writeHead(201).end();
  });
  const account = { webDavUrl: `${drive.url}/remote.php/webdav`, user: 'me', password: 'secret' };
  const nextcloud = await n8n.createCredential('Drive', 'nextCloudApi', account);
  const workflow = await example('images-to-drive.json', {
    ...wanImage(credential),
    'n8n-nodes-base.nextCloud': { type: 'nextCloudApi', id: nextcloud },
  });
  await n8n.activate(await n8n.createWorkflow(workflow));
  await expect.poll(async () => (await history.webhooks.list()).data, PATIENCE).toHaveLength(1);
  const { id } = await history.submit({ model: 'wan2.7-image', prompt: 'a lighthouse', size: '1K', n: 2 });
  await expect.poll(() => drive.requests.length, PATIENCE).toBe(2);
  expect(drive.requests.map(({ method, path }) => `${method} ${decodeURIComponent(path)}`)).toEqual([
    `PUT /remote.php/webdav//Wan Image/${id}-a-lighthouse-1.png`,
    `PUT /remote.php/webdav//Wan Image/${id}-a-lighthouse-2.png`,
  ]);
  for (const { body } of drive.requests) expect(body).toMatch(/^.PNG/);
});
