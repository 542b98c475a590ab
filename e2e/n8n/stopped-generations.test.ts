import { eventually } from '@wan-image/testing/eventually';
import { temporaryFolder } from '@wan-image/testing/folders';
import { expect, test } from 'vitest';
import { startHistoryOf, startSlowHistory } from '../support/n8n/history-behind.ts';
import { packedNode } from '../support/n8n/node-package.ts';
import { startN8n, type N8nServer } from '../support/n8n/server.ts';
import type { WorkflowJson } from '../support/n8n/types.ts';
import { responses, startVendor } from '../support/n8n/vendor.ts';
import { API_KEY, NODE, wanImage } from '../support/n8n/wan-image.ts';
import { linked, wanImage as credentialOf } from '../support/n8n/wan-image-server.ts';
import { chain, START } from '../support/n8n/workflows.ts';

/** What becomes of a generation of a history service when n8n stops or dies. In the real n8n, whose process decides. */

const PARAMETERS = { size: '1K', thinkingMode: false, output: 'url' };

test('Stop cancels the generation: a request leaves n8n although the execution is over', async () => {
  await using history = await startSlowHistory(120_000, API_KEY);
  await using packed = await packedNode();
  await using n8n = await startN8n({ tarball: packed.tarball });
  const credential = await n8n.createCredential('Wan', 'wanImageApi', {
    baseUrl: history.service.url,
    apiKey: API_KEY,
  });
  const workflow = await n8n.createWorkflow(linked(chain(wanImage(PARAMETERS)), credentialOf(credential)));
  const execution = await n8n.startManually(workflow, START);
  await eventually(async () => expect(await history.records()).toMatchObject([{ state: 'running' }]), 30_000);
  await n8n.stop(execution);
  expect((await n8n.ended(execution)).status).toBe('canceled');
  await eventually(async () => expect(await history.records()).toMatchObject([{ state: 'canceled' }]), 30_000);
});

// Three starts of n8n take long on a busy machine.
test(
  'n8n is killed in the middle, its execution retried, killed again, and retried again: billed once',
  { timeout: 480_000 },
  async () => {
    let release = (): void => undefined;
    const killedTwice = new Promise<void>((resolve) => (release = resolve));
    await using vendor = await startVendor({
      generate: () => async (response, request) => {
        await killedTwice;
        await responses([{ url: `${request.url}/images/0` }])(response, request);
      },
    });
    await using history = await startHistoryOf(vendor, API_KEY);
    await using packed = await packedNode();
    await using folder = await temporaryFolder();
    const { tarball } = packed;
    const options = { tarball, folder: folder.path };
    let execution = '';
    {
      await using n8n = await startN8n(options);
      const data = { baseUrl: history.service.url, apiKey: API_KEY };
      const credential = await n8n.createCredential('Wan', 'wanImageApi', data);
      const workflow = await n8n.createWorkflow(linked(webhook(), credentialOf(credential)));
      await n8n.activate(workflow);
      await eventually(async () => {
        const { ok } = await fetch(`${n8n.url}/webhook/image`, { method: 'POST' });
        expect(ok).toBe(true);
      }, 30_000);
      await eventually(async () => expect(await history.records()).toMatchObject([{ state: 'running' }]), 30_000);
      execution = await newest(n8n);
      process.kill(n8n.pid, 'SIGKILL');
    }
    {
      await using n8n = await startN8n(options);
      // It responds when the execution has ended, and so not at all.
      const cut = retry(n8n, execution).catch(() => undefined);
      await eventually(async () => expect(await newest(n8n)).not.toBe(execution), 30_000);
      execution = await newest(n8n);
      process.kill(n8n.pid, 'SIGKILL');
      await cut;
    }
    release();
    await using n8n = await startN8n(options);
    const { status, runData } = await n8n.ended(await retry(n8n, execution), 120_000);
    expect(status).toBe('success');
    const [record, ...others] = await history.records();
    expect(others).toEqual([]);
    expect(runData[NODE]!.at(-1)!.data!['main']![0]![0]!.json).toMatchObject({ generation_id: record!.id });
    expect(vendor.posts).toHaveLength(1);
  },
);

/** The id of the newest execution. */
async function newest(n8n: N8nServer): Promise<string> {
  const found = await n8n.request('GET', '/rest/executions?limit=1');
  const { results } = found as { results: readonly { id: string }[] };
  return results[0]!.id;
}

/** Returns the id of the execution that retries another, once it has ended. */
async function retry(n8n: N8nServer, execution: string): Promise<string> {
  const retried = await n8n.request('POST', `/rest/executions/${execution}/retry`, { loadWorkflow: false });
  return typeof retried === 'string' ? retried : (retried as { id: string }).id;
}

/** It responds at once, and then generates. */
function webhook(): WorkflowJson {
  const [, ...nodes] = chain(wanImage(PARAMETERS)).nodes;
  const trigger = {
    name: 'Webhook',
    type: 'n8n-nodes-base.webhook',
    typeVersion: 2,
    parameters: { httpMethod: 'POST', path: 'image', responseMode: 'onReceived', options: {} },
    webhookId: 'image',
  };
  return {
    name: 'Killed',
    nodes: [trigger, ...nodes],
    connections: { Webhook: { main: [[{ node: NODE, type: 'main', index: 0 }]] } },
  };
}
