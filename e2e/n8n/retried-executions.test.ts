import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fails, startVendor, type Vendor } from '../support/n8n/vendor.ts';
import { NODE, wanImage } from '../support/n8n/wan-image.ts';
import {
  linked,
  startWanImageServer,
  wanImage as credentialOf,
  type WanImageServer,
} from '../support/n8n/wan-image-server.ts';
import { chain, START } from '../support/n8n/workflows.ts';

/** What n8n stores of an execution that failed or was stopped, and what that saves. In the real n8n, whose storage decides. */

let server: WanImageServer & AsyncDisposable;
beforeAll(async () => {
  server = await startWanImageServer();
});
afterAll(() => server[Symbol.asyncDispose]());

/** Three items. */
async function threeItems(vendor: Vendor, output: string): Promise<string> {
  const credential = await server.n8n.createCredential('Vendor', 'wanImageApi', { baseUrl: vendor.url, apiKey: 'any' });
  const value = '=["one","two","three"]';
  const list = {
    name: 'List',
    type: 'n8n-nodes-base.set',
    typeVersion: 3.4,
    parameters: { assignments: { assignments: [{ id: 'n', name: 'n', type: 'array', value }] }, options: {} },
  };
  const parameters = { fieldToSplitOut: 'n', options: {} };
  const split = { name: 'Each', type: 'n8n-nodes-base.splitOut', typeVersion: 1, parameters };
  const workflow = chain(list, split, wanImage({ prompt: '={{ $json.n }}', output }));
  return server.n8n.createWorkflow(linked(workflow, credentialOf(credential)));
}

test.each(['both', 'binary'])(
  'Retry in the list of executions pays only for what is missing (output %s)',
  async (output) => {
    await using vendor = await startVendor({
      generate: ({ count }) => (count === 3 ? fails(400, { message: 'No.' }) : undefined),
    });
    const failed = await server.n8n.runManually(await threeItems(vendor, output), START);
    expect([failed.status, vendor.posts.length]).toEqual(['error', 3]);
    const retried = (await server.n8n.request('POST', `/rest/executions/${failed.id}/retry`, {
      loadWorkflow: false,
    })) as string | { id: string };
    const id = typeof retried === 'string' ? retried : retried.id;
    const { status, runData } = await server.n8n.ended(id);
    expect([status, vendor.posts.length]).toEqual(['success', 4]);
    const items = runData[NODE]!.at(-1)!.data!['main']![0]!;
    expect(items).toHaveLength(3);
    for (const { binary } of items) {
      expect(binary!['data']!.id).toContain(`/executions/${id}/`);
      expect((await server.n8n.binary(binary!['data']!)).subarray(1, 4).toString()).toBe('PNG');
    }
  },
);

test('an execution that is stopped shows its finished images', async () => {
  const open: ServerResponse[] = [];
  await using vendor = await startVendor({
    generate: ({ count }) => (count === 3 ? (response) => void open.push(response) : undefined),
  });
  const execution = await server.n8n.startManually(await threeItems(vendor, 'url'), START);
  await expect.poll(() => open.length).toBe(1);
  await server.n8n.stop(execution);
  await server.n8n.ended(execution);
  const seen = async (): Promise<string> =>
    JSON.stringify(await server.n8n.request('GET', `/rest/executions/${execution}`));
  await expect.poll(seen).toContain('2 images were generated and billed before the execution was stopped.');
  expect(await seen()).toContain(`${vendor.url}/images/0`);
});
