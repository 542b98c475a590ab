import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { GenerationRecord, WebhookDelivery, WebhookRecord } from '@wan-image/core';
import { startTestServer, type Respond, type TestServer } from '@wan-image/testing/http-server';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ADMIN_API_KEY } from './support/access.ts';
import { onDatabase } from './support/on-database.ts';
import { fetchChecked } from './support/requests.ts';
import { openHistory, runHistory, upstreamAt, type TestHistory } from './support/test-history.ts';
import { DELIVERY_WAIT, openProject, verified, type WebhookProject } from './support/webhooks.ts';

const ENVIRONMENT = { ADMIN_API_KEY, WEBHOOK_PRIVATE_HOSTS: 'true' };
const FAST = { longestIntervalMs: 50 };

const resources = new AsyncDisposableStack();
let history: TestHistory;
beforeAll(async () => {
  history = resources.use(await openHistory(ENVIRONMENT, {}, FAST));
});
afterAll(() => resources.disposeAsync());

async function receiver(respond: Respond = ok): Promise<TestServer> {
  return resources.use(await startTestServer(respond));
}

function ok(_request: unknown, response: ServerResponse): void {
  response.writeHead(204).end();
}

const sql = (text: string): Promise<readonly unknown[]> => onDatabase(history.testData, text);

/** Puts events into the outbox, as the ledger does: an image of each of these generations is lost. */
async function announce(
  project: WebhookProject,
  generationIds: readonly string[],
  { testData }: Pick<TestHistory, 'testData'> = history,
): Promise<void> {
  const rows = generationIds.map(
    (id) =>
      `('${project.id}', '${id}', 'image.lost', 'succeeded', 'billed', 1, 'wan2.7-image', 'api', true, now(), false, true)`,
  );
  await onDatabase(
    testData,
    `insert into outbox (project_id, generation_id, type, state, outcome, image_index, model, source, simulated, hour, announced, counted)
     values ${rows.join(', ')}`,
  );
}

const EVENTS = ['image.lost' as const];

/** A webhook for events of {@link announce} alone. */
async function openWebhook(
  respond?: Respond,
): Promise<{ project: WebhookProject; server: TestServer; webhook: Awaited<ReturnType<WebhookProject['webhook']>> }> {
  const project = await openProject(history.url);
  const server = await receiver(respond);
  const webhook = await project.webhook({ url: `${server.url}/hooks?token=s3cret`, events: EVENTS });
  return { project, server, webhook };
}

/** The first delivery of a webhook once it is as expected. */
async function deliveryIs(project: WebhookProject, webhookId: string, expected: object): Promise<WebhookDelivery> {
  await expect.poll(() => project.deliveries(webhookId), DELIVERY_WAIT).toMatchObject([expected]);
  const [delivery] = await project.deliveries(webhookId);
  if (delivery === undefined) throw new Error('no delivery');
  return delivery;
}

const due = (id: string): Promise<unknown> =>
  sql(`update webhook_delivery set next_attempt_at = now() where id = '${id}' and state = 'pending'`);

const secondsBetween = (from: string | null, to: string | null): number =>
  (Date.parse(to ?? '') - Date.parse(from ?? '')) / 1000;

test('an event comes signed, with the record of its generation and the image that was lost', async () => {
  const { project, server, webhook } = await openWebhook();
  const id = await project.generate('花');
  await announce(project, [id]);
  const delivery = await deliveryIs(project, webhook.id, { state: 'delivered' });
  const [request] = server.requests;
  if (request === undefined) throw new Error('no request');
  const event = verified(webhook.secret, request);
  const { body: record } = await project.call<GenerationRecord>('GET', `/v1/generations/${id}`);
  expect(event).toEqual({
    type: 'image.lost',
    timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
    data: { ...record, images: expect.any(Array), image_id: `${id}-1` },
  });
  expect(event.data.images[0]?.url).toBe(record.images[0]?.url);
  expect(request.headers).toMatchObject({ 'webhook-id': delivery.event_id });
  expect(delivery).toMatchObject({
    object: 'webhook_delivery',
    webhook_id: webhook.id,
    type: 'image.lost',
    generation_id: id,
    reason: null,
    attempts: 1,
    response_status: 204,
    response_body: '',
    next_attempt_at: null,
  });
  expect(() =>
    verified(webhook.secret, { ...request, body: request.body.replace('image.lost', 'image.Lost') }),
  ).toThrow();
});

test('of a generation that was deleted for good before the first try, only that is told', async () => {
  const { project, server, webhook } = await openWebhook();
  const id = randomUUID();
  await announce(project, [id]);
  await deliveryIs(project, webhook.id, { state: 'delivered' });
  expect(JSON.parse(server.requests[0]?.body ?? '')).toMatchObject({ type: 'image.lost', data: { id, deleted: true } });
});

test('a failed delivery is tried again later, with the same id and the same bytes, signed anew', async () => {
  const { project, server, webhook } = await openWebhook((_request, response, requests) => {
    response.writeHead(requests === 1 ? 500 : 200).end(requests === 1 ? 'out of order' : 'thanks');
  });
  const id = await project.generate('花');
  await announce(project, [id]);
  const failed = await deliveryIs(project, webhook.id, { state: 'pending', response_status: 500 });
  expect(failed).toMatchObject({
    reason: 'The endpoint responded with status 500.',
    response_body: 'out of order',
    attempts: 1,
    delivered_at: null,
  });
  // The pause begins with the end of the try.
  expect(secondsBetween(failed.attempted_at, failed.next_attempt_at)).toBeGreaterThanOrEqual(5);
  expect((await project.call('PATCH', `/v1/generations/${id}`, { note: 'changed meanwhile' })).status).toBe(200);
  await due(failed.id);
  const delivered = await deliveryIs(project, webhook.id, { state: 'delivered' });
  expect(delivered).toMatchObject({ attempts: 2, reason: null, response_status: 200, response_body: 'thanks' });
  const [first, second] = server.requests;
  expect(second?.body).toBe(first?.body);
  expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
  for (const request of server.requests) verified(webhook.secret, request);
  const logged = history.logs.filter((line) => line.includes(webhook.id));
  expect(logged.join('')).toContain(`"delivery_id":"${failed.id}","status":500`);
  // Neither the token of a URL, nor a secret, nor what was sent.
  expect(history.logs.join('')).not.toMatch(/s3cret|whsec_|out of order/);
});

test('an endpoint that is too busy is given the time that it asks for', async () => {
  const { project, webhook } = await openWebhook(
    (_request, response) => void response.writeHead(429, { 'retry-after': '120' }).end(),
  );
  await announce(project, [randomUUID()]);
  const { attempted_at, next_attempt_at } = await deliveryIs(project, webhook.id, {
    state: 'pending',
    response_status: 429,
  });
  expect(secondsBetween(attempted_at, next_attempt_at)).toBeGreaterThanOrEqual(120);
});

describe('a webhook is disabled', () => {
  test('by a 410, with all that is pending, until somebody enables it', async () => {
    const endpoint = { status: 500 };
    const { project, server, webhook } = await openWebhook(
      (_request, response) => void response.writeHead(endpoint.status).end(),
    );
    await announce(project, [randomUUID()]);
    const waiting = await deliveryIs(project, webhook.id, { state: 'pending', response_status: 500 });
    endpoint.status = 410;
    await announce(project, [randomUUID()]);
    const path = `/v1/webhooks/${webhook.id}`;
    const read = async (): Promise<WebhookRecord> => (await project.call<WebhookRecord>('GET', path)).body;
    await expect.poll(read, DELIVERY_WAIT).toMatchObject({ enabled: false });
    expect((await read()).disabled_reason).toContain('status 410');
    const ended = await project.deliveries(webhook.id);
    expect(ended.map(({ state }) => state)).toEqual(['undelivered', 'undelivered']);
    expect(ended[1]?.reason).toBe((await read()).disabled_reason);
    const refused = await project.call('POST', `/v1/deliveries/${waiting.id}/redeliver`);
    expect([refused.status, refused.body.error.code]).toEqual([409, 'webhook_disabled']);
    expect(refused.body.error.message).toContain(`PATCH ${path} with {"enabled": true}`);
    // What happens meanwhile is not sent later.
    await announce(project, [randomUUID()]);
    await expect.poll(() => sql('select from outbox'), DELIVERY_WAIT).toEqual([]);
    endpoint.status = 200;
    const enabled = await project.call<WebhookRecord>('PATCH', path, { enabled: true });
    expect(enabled.body).toMatchObject({ enabled: true, disabled_reason: null });
    expect((await project.call('POST', `/v1/deliveries/${waiting.id}/redeliver`)).status).toBe(200);
    await expect
      .poll(async () => (await project.deliveries(webhook.id)).map(({ state }) => state), DELIVERY_WAIT)
      .toEqual(['undelivered', 'delivered']);
    expect(server.requests).toHaveLength(3);
  });

  const exhaust = async (project: WebhookProject, webhookId: string): Promise<void> => {
    await announce(project, [randomUUID()]);
    await expect
      .poll(async () => (await project.deliveries(webhookId))[0], DELIVERY_WAIT)
      .toMatchObject({ state: 'pending', attempts: 1, response_status: 500 });
    await sql(
      `update webhook_delivery set schedule_step = 9, next_attempt_at = now() where webhook_id = '${webhookId}' and state = 'pending'`,
    );
    await expect
      .poll(async () => (await project.deliveries(webhookId))[0], DELIVERY_WAIT)
      .toMatchObject({ state: 'undelivered', attempts: 2, next_attempt_at: null });
  };

  test('when no delivery has succeeded for three days', async () => {
    const { project, webhook } = await openWebhook((_request, response) => void response.writeHead(500).end());
    await exhaust(project, webhook.id);
    const path = `/v1/webhooks/${webhook.id}`;
    await expect
      .poll(async () => (await project.call<WebhookRecord>('GET', path)).body, DELIVERY_WAIT)
      .toMatchObject({ enabled: false, disabled_reason: expect.stringContaining('3 days') });
  });

  test('and not while others succeed', async () => {
    const { project, webhook } = await openWebhook(
      (_request, response, requests) => void response.writeHead(requests === 1 ? 200 : 500).end(),
    );
    await announce(project, [randomUUID()]);
    await deliveryIs(project, webhook.id, { state: 'delivered' });
    await exhaust(project, webhook.id);
    const path = `/v1/webhooks/${webhook.id}`;
    expect((await project.call<WebhookRecord>('GET', path)).body).toMatchObject({ enabled: true });
    // After these three days it is.
    await sql(
      `update webhook_delivery set delivered_at = now() - interval '3 days' where webhook_id = '${webhook.id}'`,
    );
    await exhaust(project, webhook.id);
    await expect
      .poll(async () => (await project.call<WebhookRecord>('GET', path)).body, DELIVERY_WAIT)
      .toMatchObject({ enabled: false });
  });

  test('by its owner, with what is pending', async () => {
    const { project, webhook } = await openWebhook((_request, response) => void response.writeHead(500).end());
    await announce(project, [randomUUID()]);
    await deliveryIs(project, webhook.id, { state: 'pending', response_status: 500 });
    await project.call('PATCH', `/v1/webhooks/${webhook.id}`, { enabled: false });
    const ended = await deliveryIs(project, webhook.id, { state: 'undelivered' });
    expect(ended.reason).toBe('The webhook was disabled.');
  });
});

test('an endpoint that hangs holds up no other, and has four requests at a time', async () => {
  const held: ServerResponse[] = [];
  const slow = await openWebhook((_request, response) => void held.push(response));
  await announce(
    slow.project,
    Array.from({ length: 10 }, () => randomUUID()),
  );
  await expect.poll(() => held.length, DELIVERY_WAIT).toBe(4);
  const quick = await openWebhook();
  await announce(
    quick.project,
    Array.from({ length: 10 }, () => randomUUID()),
  );
  await expect.poll(() => quick.server.requests.length, DELIVERY_WAIT).toBe(10);
  expect(held).toHaveLength(4);
  // Each that ends makes room for the next.
  for (let index = 0; index < 10; index++) {
    await expect.poll(() => held.length, DELIVERY_WAIT).toBeGreaterThan(index);
    held[index]?.writeHead(200).end();
  }
  await expect
    .poll(async () => (await slow.project.deliveries(slow.webhook.id, '?state=delivered')).length, DELIVERY_WAIT)
    .toBe(10);
});

describe('redelivery', () => {
  test('sends the same event again, at once, with the schedule from its start', async () => {
    const endpoint = { status: 200 };
    const { project, server, webhook } = await openWebhook(
      (_request, response) => void response.writeHead(endpoint.status).end(),
    );
    await announce(project, [randomUUID()]);
    const { id } = await deliveryIs(project, webhook.id, { state: 'delivered' });
    endpoint.status = 503;
    const again = await project.call<WebhookDelivery>('POST', `/v1/deliveries/${id}/redeliver`);
    expect(again).toMatchObject({ status: 200, body: { id, state: 'pending', delivered_at: null } });
    const failed = await deliveryIs(project, webhook.id, { state: 'pending', response_status: 503 });
    expect(failed.attempts).toBe(2);
    expect(secondsBetween(failed.attempted_at, failed.next_attempt_at)).toBeLessThan(60);
    const [first, second] = server.requests;
    expect([second?.body, second?.headers['webhook-id']]).toEqual([first?.body, first?.headers['webhook-id']]);
    const refused = await project.call('POST', `/v1/deliveries/${id}/redeliver`);
    expect([refused.status, refused.body.error.code]).toEqual([409, 'still_pending']);
  });

  test('is a 404 for another project, and for what does not exist', async () => {
    const { project, webhook } = await openWebhook();
    await announce(project, [randomUUID()]);
    const { id } = await deliveryIs(project, webhook.id, { state: 'delivered' });
    const other = await openProject(history.url);
    for (const path of [id, randomUUID(), 'nothing'])
      expect((await other.call('POST', `/v1/deliveries/${path}/redeliver`)).status).toBe(404);
  });
});

test('a rotated secret is valid for a day beside the new one', async () => {
  const { project, server, webhook } = await openWebhook();
  const path = `/v1/webhooks/${webhook.id}`;
  const { secret } = (await project.call<typeof webhook>('POST', `${path}/rotate`)).body;
  expect(secret).not.toBe(webhook.secret);
  await announce(project, [randomUUID()]);
  await expect.poll(() => server.requests.length, DELIVERY_WAIT).toBe(1);
  const [during] = server.requests;
  for (const one of [secret, webhook.secret]) if (during !== undefined) verified(one, during);
  await sql(`update webhook set previous_secret_until = now() where id = '${webhook.id}'`);
  await announce(project, [randomUUID()]);
  await expect.poll(() => server.requests.length, DELIVERY_WAIT).toBe(2);
  const after = server.requests[1];
  if (after === undefined) throw new Error('no request');
  verified(secret, after);
  expect(() => verified(webhook.secret, after)).toThrow('No matching signature');
});

describe('with two replicas', () => {
  test('each event comes once', async () => {
    const { project, server, webhook } = await openWebhook();
    await using _other = await runHistory(
      history.testData,
      { ...upstreamAt(history.simulator.url), ...ENVIRONMENT },
      FAST,
    );
    const ids = Array.from({ length: 300 }, () => randomUUID());
    for (let start = 0; start < ids.length; start += 50) await announce(project, ids.slice(start, start + 50));
    const undelivered = (): Promise<readonly unknown[]> =>
      sql(`select from webhook_delivery where webhook_id = '${webhook.id}' and state <> 'delivered' union all
           select from outbox where project_id = '${project.id}'`);
    await expect.poll(() => server.requests.length, DELIVERY_WAIT).toBeGreaterThanOrEqual(ids.length);
    await expect.poll(undelivered, DELIVERY_WAIT).toEqual([]);
    const told = server.requests.map(({ body }) => (JSON.parse(body) as { data: { id: string } }).data.id);
    expect(told.toSorted()).toEqual(ids.toSorted());
    expect(new Set(server.requests.map(({ headers }) => headers['webhook-id'])).size).toBe(ids.length);
  });

  test('what one does not finish, the other repeats with the same id, and a late result does not count', async () => {
    const held: ServerResponse[] = [];
    const { project, server, webhook } = await openWebhook((_request, response, requests) =>
      requests === 1 ? void held.push(response) : ok(_request, response),
    );
    await announce(project, [randomUUID()]);
    await expect.poll(() => held.length, DELIVERY_WAIT).toBe(1);
    const [hanging] = await project.deliveries(webhook.id);
    expect(hanging).toMatchObject({ state: 'pending', attempts: 1, response_status: null });
    // The lease of the first try ends, as it does a minute after its process was killed.
    await due(hanging?.id ?? '');
    const repeated = await deliveryIs(project, webhook.id, { state: 'delivered', attempts: 2 });
    const [first, second] = server.requests;
    expect([second?.body, second?.headers['webhook-id']]).toEqual([first?.body, first?.headers['webhook-id']]);
    held[0]?.writeHead(500).end();
    // The late result would be there before that of a later event.
    await announce(project, [randomUUID()]);
    await expect.poll(async () => (await project.deliveries(webhook.id)).length, DELIVERY_WAIT).toBe(2);
    expect((await project.deliveries(webhook.id))[1]).toEqual({ ...repeated, response_body: null });
  });
});

test('a shutdown does not wait for an endpoint that hangs, and the next start tries again at once', async () => {
  const server = await receiver((request, response, requests) => (requests === 1 ? undefined : ok(request, response)));
  await using own = await openHistory(ENVIRONMENT, {}, FAST);
  const project = await openProject(own.url);
  await project.webhook({ url: server.url });
  await announce(project, [randomUUID()], own);
  await expect.poll(() => server.requests.length, DELIVERY_WAIT).toBe(1);
  await own.close();
  await using _next = await runHistory(own.testData, { ...upstreamAt(own.simulator.url), ...ENVIRONMENT }, FAST);
  await expect.poll(() => server.requests.length, DELIVERY_WAIT).toBe(2);
  const [first, second] = server.requests;
  expect([second?.body, second?.headers['webhook-id']]).toEqual([first?.body, first?.headers['webhook-id']]);
});

describe('what is kept', () => {
  const rowsOf = (webhookId: string): Promise<readonly unknown[]> =>
    sql(`select body from webhook_delivery where webhook_id = '${webhookId}'`);

  test('ends after 30 days', async () => {
    const { project, webhook } = await openWebhook();
    await announce(project, [randomUUID()]);
    await deliveryIs(project, webhook.id, { state: 'delivered' });
    await sql(`update webhook_delivery set created_at = now() - interval '30 days' where webhook_id = '${webhook.id}'`);
    await expect.poll(() => project.deliveries(webhook.id), DELIVERY_WAIT).toEqual([]);
  });

  test('ends with its webhook, whose secret is gone at once', async () => {
    const { project, webhook } = await openWebhook((_request, response) => void response.writeHead(500).end());
    await announce(project, [randomUUID()]);
    const { id } = await deliveryIs(project, webhook.id, { state: 'pending', response_status: 500 });
    expect((await project.call('POST', `/v1/webhooks/${webhook.id}/test`)).status).toBe(200);
    const path = `/v1/webhooks/${webhook.id}`;
    expect(await statusOfDelete(project, path)).toBe(204);
    expect(await statusOfDelete(project, path)).toBe(404);
    for (const [method, gone] of [
      ['GET', path],
      ['PATCH', path],
      ['GET', `${path}/deliveries`],
      ['POST', `${path}/test`],
      ['POST', `${path}/rotate`],
      ['POST', `/v1/deliveries/${id}/redeliver`],
    ] as const)
      expect([gone, (await project.call(method, gone, method === 'PATCH' ? {} : undefined)).status]).toEqual([
        gone,
        404,
      ]);
    await expect.poll(() => sql(`select id from webhook where id = '${webhook.id}'`), DELIVERY_WAIT).toEqual([]);
    expect(await rowsOf(webhook.id)).toEqual([]);
  });

  test('has no content of a generation that was deleted for good', async () => {
    const { project, server, webhook } = await openWebhook();
    const id = await project.generate('a secret garden');
    await announce(project, [id]);
    const delivery = await deliveryIs(project, webhook.id, { state: 'delivered' });
    expect(JSON.stringify(await rowsOf(webhook.id))).toContain('a secret garden');
    expect(await statusOfDelete(project, `/v1/generations/${id}?purge=true`)).toBe(204);
    await expect.poll(() => rowsOf(webhook.id), DELIVERY_WAIT).toEqual([{ body: null }]);
    expect((await project.call('POST', `/v1/deliveries/${delivery.id}/redeliver`)).status).toBe(200);
    await deliveryIs(project, webhook.id, { state: 'delivered', attempts: 2 });
    expect(JSON.parse(server.requests[1]?.body ?? '')).toMatchObject({ data: { id, deleted: true } });
  });
});

async function statusOfDelete({ headers }: WebhookProject, path: string): Promise<number> {
  return (await fetchChecked(history.url + path, { method: 'DELETE', headers })).status;
}
