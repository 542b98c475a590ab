import { createHistoryClient } from '@wan-image/core';
import { temporaryFolder } from '@wan-image/testing/folders';
import { startTestServer } from '@wan-image/testing/http-server';
import { expect, test } from 'vitest';
import { startService } from './support/service.ts';

/** The lease of a try is a minute. */
const AFTER_LEASE = { timeout: 180_000, interval: 500 };

test('a service that is killed while it delivers an event delivers it after its restart, with the same id and body', async () => {
  await using folder = await temporaryFolder();
  await using receiver = await startTestServer((_request, response, requests) => {
    // The first try hangs until its process dies.
    if (requests > 1) response.writeHead(204).end();
  });
  const environment = { DATA_DIR: folder.path, PORT: '0', WEBHOOK_PRIVATE_HOSTS: 'true' };
  const killed = await startService(environment);
  const client = createHistoryClient({ baseUrl: killed.url, apiKey: 'any' });
  const { id: webhookId } = await client.webhooks.create({ url: receiver.url });
  const { id } = await client.submit({ model: 'wan2.7-image', prompt: '花', size: '1K' });
  await expect.poll(() => receiver.requests.length).toBe(1);
  // The embedded simulator dies too: an image that is not stored by then is lost, which would be an event of its own.
  await expect.poll(async () => (await client.get(id)).images[0]?.state).toBe('stored');
  await killed.kill('SIGKILL');

  await using restarted = await startService(environment);
  const { webhooks } = createHistoryClient({ baseUrl: restarted.url, apiKey: 'any' });
  await expect
    .poll(async () => (await webhooks.deliveries(webhookId)).data, AFTER_LEASE)
    .toMatchObject([{ state: 'delivered', attempts: 2, type: 'generation.succeeded', generation_id: id }]);
  const [first, second] = receiver.requests;
  expect(receiver.requests).toHaveLength(2);
  expect([second?.body, second?.headers['webhook-id']]).toEqual([first?.body, first?.headers['webhook-id']]);
});
