import type { GenerationRecord } from '@wan-image/core';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openGallery, type Gallery } from '../support/gallery.ts';
import { openEditor, type Editor } from '../support/n8n/editor.ts';
import { packedNode } from '../support/n8n/node-package.ts';
import { startN8n, type N8nServer } from '../support/n8n/server.ts';
import { linked, wanImage } from '../support/n8n/wan-image-server.ts';
import type { WorkflowJson, WorkflowNode } from '../support/n8n/types.ts';
import { START } from '../support/n8n/workflows.ts';

/** A node that is copied in the gallery, pasted into the editor of the real n8n, and run there. */

const MANUAL: WorkflowNode = {
  id: 'start',
  name: START,
  type: 'n8n-nodes-base.manualTrigger',
  typeVersion: 1,
  position: [0, 0],
  parameters: {},
};

const resources = new AsyncDisposableStack();
let gallery: Gallery;
let n8n: N8nServer;
let editor: Editor;
beforeAll(async () => {
  gallery = resources.use(await openGallery());
  const { tarball } = resources.use(await packedNode());
  n8n = resources.use(await startN8n({ tarball }));
  editor = await openEditor(gallery.browser, n8n, { permissions: ['clipboard-read', 'clipboard-write'] });
});
afterAll(() => resources.disposeAsync());

const clipboard = (page: Page): Promise<string> => page.evaluate(() => navigator.clipboard.readText());

/** The node as a person copies it in the view of an image. */
async function copied({ images, prompt }: GenerationRecord): Promise<string> {
  await using visit = await gallery.visit(`/view/${images[0]?.id}`);
  const { page } = visit;
  await page.locator('main').getByRole('img', { name: prompt }).first().waitFor();
  await page.evaluate(() => navigator.clipboard.writeText('nothing'));
  await page.getByRole('button', { name: 'More actions' }).click();
  await page.getByRole('menuitem', { name: 'Copy as n8n node', exact: true }).click();
  await expect.poll(() => clipboard(page)).not.toBe('nothing');
  return await clipboard(page);
}

/** The node as n8n has it once it is pasted: copied from its canvas again. */
async function pasted(text: string): Promise<WorkflowNode> {
  const { page } = editor;
  await editor.openWorkflow(
    await n8n.createWorkflow({ name: 'Pasted', nodes: [MANUAL], connections: {}, settings: {} }),
  );
  await page.evaluate((node) => navigator.clipboard.writeText(node), text);
  await page.keyboard.press('Control+v');
  await page.locator('[data-test-id=canvas-node][data-node-name="Wan Image"]').waitFor();
  await page.evaluate(() => navigator.clipboard.writeText('nothing'));
  // What is pasted is selected.
  await page.keyboard.press('Control+c');
  await expect.poll(() => clipboard(page)).not.toBe('nothing');
  const { nodes } = JSON.parse(await clipboard(page)) as Pick<WorkflowJson, 'nodes'>;
  expect(nodes).toHaveLength(1);
  return nodes[0]!;
}

async function made(request: Parameters<Gallery['history']['submit']>[0]): Promise<GenerationRecord> {
  const { id } = await gallery.history.submit(request);
  return gallery.history.get(id, { wait: 60 });
}

async function runs(node: WorkflowNode): Promise<GenerationRecord> {
  const { url: baseUrl } = gallery.service;
  const credential = await n8n.createCredential('History', 'wanImageApi', { baseUrl, apiKey: 'none' });
  const workflow: WorkflowJson = {
    name: 'Run',
    nodes: [MANUAL, node],
    connections: { [START]: { main: [[{ node: node.name, type: 'main', index: 0 }]] } },
    settings: {},
  };
  const id = await n8n.createWorkflow(linked(workflow, wanImage(credential)));
  const { error } = await n8n.runManually(id, START);
  expect(error?.message).toBeUndefined();
  const { data } = await gallery.history.page({ limit: 1 });
  return data[0]!;
}

test('a generation is made again by the node, with everything that it was made with', async () => {
  const prompt = '={{ 1 }} 一间花店，“漂亮的”木质门';
  const record = await made({ model: 'wan2.7-image', prompt, size: '1280x720', seed: 7, watermark: true, n: 2 });
  const text = await copied(record);
  const node = await pasted(text);
  const sent = (JSON.parse(text) as Pick<WorkflowJson, 'nodes'>).nodes[0];
  // The editor drops what is the default of a field.
  expect(sent).toMatchObject({ type: node.type, parameters: node.parameters });
  const again = await runs(node);
  expect(again.id).not.toBe(record.id);
  expect(again.prompt).toBe(prompt);
  expect(again.request).toMatchObject({ model: 'wan2.7-image', size: '1280x720', seed: 7, watermark: true, n: 2 });
});

test('an edit of an image of the history is made again from that image', async () => {
  const first = await made({ model: 'wan2.7-image', prompt: 'A lighthouse', size: '1K' });
  const record = await made({
    model: 'wan2.7-image',
    prompt: '换成雪景',
    size: '1K',
    image: first.images[0]?.url ?? '',
  });
  const again = await runs(await pasted(await copied(record)));
  expect(again.prompt).toBe('换成雪景');
  expect(again.input_images.map(({ from_image }) => from_image)).toEqual([first.images[0]?.id]);
});
