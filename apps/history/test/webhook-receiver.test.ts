import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { WebhookDelivery } from '@wan-image/core';
import { expect, test } from 'vitest';
import { ADMIN_API_KEY } from './support/access.ts';
import { fetchUndescribed } from './support/requests.ts';
import { openHistory } from './support/test-history.ts';
import { DELIVERY_WAIT, openProject } from './support/webhooks.ts';

const DOCUMENT = join(import.meta.dirname, '../../../docs/history.md');

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return address.port;
}

test('the receiver of docs/history.md verifies events, and processes each once', async () => {
  await using history = await openHistory({ ADMIN_API_KEY, WEBHOOK_PRIVATE_HOSTS: 'true' });
  const project = await openProject(history.url);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/hooks`;
  const { id, secret } = await project.webhook({ url });
  const code = /```js\n([^]*?)```/.exec(await readFile(DOCUMENT, 'utf8'))?.[1] ?? '';
  expect(code).toContain('.listen(8080)');
  // Beside the packages of history, so that it finds the library.
  const path = join(import.meta.dirname, `.receiver-${process.pid}.mjs`);
  await writeFile(path, code.replace('8080', String(port)));
  const receiver = spawn(process.execPath, [path], { env: { WEBHOOK_SECRET: secret } });
  try {
    let output = '';
    receiver.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const tried = async (): Promise<WebhookDelivery> =>
      (await project.call<WebhookDelivery>('POST', `/v1/webhooks/${id}/test`)).body;
    // Until it listens.
    await expect.poll(async () => (await tried()).state, DELIVERY_WAIT).toBe('delivered');
    const [delivered] = await project.deliveries(id, '?state=delivered');
    await project.call('POST', `/v1/deliveries/${delivered?.id}/redeliver`);
    await expect.poll(() => project.deliveries(id, '?state=delivered'), DELIVERY_WAIT).toMatchObject([{ attempts: 2 }]);
    expect(output).toBe(`webhook.test ${id}\n`);
    const forged = await fetchUndescribed(url, {
      method: 'POST',
      body: '{"type":"generation.succeeded"}',
      headers: { 'webhook-id': 'x', 'webhook-timestamp': '1', 'webhook-signature': 'v1,AAAA' },
    });
    expect(forged.status).toBe(401);
  } finally {
    receiver.kill();
    await rm(path);
  }
});
