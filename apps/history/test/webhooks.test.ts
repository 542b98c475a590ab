import { createHistoryClient, type GenerationRecord, type WebhookDelivery, type WebhookRecord } from '@wan-image/core';
import { startTestServer, type Respond, type TestServer } from '@wan-image/testing/http-server';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ADMIN, ADMIN_API_KEY } from './support/access.ts';
import { fetchChecked, get } from './support/requests.ts';
import { openHistory, type TestHistory } from './support/test-history.ts';
import { DELIVERY_WAIT, openProject, verified, type ReceivedEvent, type WebhookProject } from './support/webhooks.ts';

const EVENTS = [
  'generation.succeeded',
  'generation.failed',
  'generation.canceled',
  'generation.resolved',
  'image.lost',
] as const;
const SOMEWHERE = 'https://example.com/hooks';

const resources = new AsyncDisposableStack();
let history: TestHistory;
beforeAll(async () => {
  history = resources.use(
    await openHistory({ ADMIN_API_KEY, WEBHOOK_PRIVATE_HOSTS: 'true' }, {}, { longestIntervalMs: 50 }),
  );
});
afterAll(() => resources.disposeAsync());

async function receiver(
  respond: Respond = (_request, response) => void response.writeHead(204).end(),
): Promise<TestServer> {
  return resources.use(await startTestServer(respond));
}

describe('a webhook', () => {
  let project: WebhookProject;
  beforeAll(async () => {
    project = await openProject(history.url);
  });

  test('is created with all events, listed, read, changed and deleted; its secret is shown once', async () => {
    const { secret, ...created } = await project.webhook({ url: SOMEWHERE });
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(created).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      object: 'webhook',
      url: SOMEWHERE,
      events: EVENTS,
      description: null,
      enabled: true,
      disabled_reason: null,
      created_at: expect.stringMatching(/Z$/),
    });
    const path = `/v1/webhooks/${created.id}`;
    expect((await project.call('GET', path)).body).toEqual(created);
    const changes = { url: `${SOMEWHERE}/2`, events: ['image.lost'], description: '图片', enabled: false };
    const changed = { ...created, ...changes };
    expect((await project.call('PATCH', path, changes)).body).toEqual(changed);
    expect((await project.call('PATCH', path, {})).body).toEqual(changed);
    expect((await project.call('PATCH', path, { description: null })).body).toEqual({ ...changed, description: null });
    const other = await project.webhook({ url: SOMEWHERE, events: ['image.lost'], description: 'x', enabled: false });
    const list = await project.call<{ data: WebhookRecord[] }>('GET', '/v1/webhooks');
    expect(list.body.data.map(({ id }) => id)).toEqual([other.id, created.id]);
    expect(JSON.stringify(list.body)).not.toContain('whsec_');
    const first = await project.call<{ next_cursor: string }>('GET', '/v1/webhooks?limit=1');
    expect(first.body).toMatchObject({ data: [{ id: other.id }], has_more: true });
    expect((await project.call('GET', `/v1/webhooks?cursor=${first.body.next_cursor}`)).body).toMatchObject({
      data: [{ id: created.id }],
      has_more: false,
      next_cursor: null,
    });
    for (const { id } of [created, other]) {
      const response = await fetchChecked(`${history.url}/v1/webhooks/${id}`, {
        method: 'DELETE',
        headers: project.headers,
      });
      expect(response.status).toBe(204);
    }
    expect((await project.call('GET', '/v1/webhooks')).body).toMatchObject({ data: [] });
  });

  test.each<[string, object, string]>([
    ['url', {}, 'url must be an http:// or https:// URL'],
    ['url', { url: 7 }, 'url must be an http:// or https:// URL'],
    ['url', { url: 'example.com/hooks' }, 'url must be an http:// or https:// URL'],
    ['url', { url: 'ftp://example.com' }, 'url must be an http:// or https:// URL'],
    ['url', { url: 'file:///etc/passwd' }, 'url must be an http:// or https:// URL'],
    ['url', { url: 'https://exa mple.com' }, 'url must be an http:// or https:// URL'],
    ['url', { url: 'https://example.com/\0' }, 'url must be an http:// or https:// URL'],
    ['url', { url: 'https://example.com\\@evil.example' }, 'url must be an http:// or https:// URL'],
    ['url', { url: 'https://example.com:99999/' }, 'url is not a valid URL'],
    ['url', { url: 'https://user:hunter2@example.com' }, 'url has a user name or a password'],
    ['url', { url: 'https://user@example.com' }, 'url has a user name or a password'],
    ['url', { url: `${SOMEWHERE}#top` }, 'url has a fragment'],
    ['url', { url: `https://example.com/${'x'.repeat(2_029)}` }, 'url has more than 2048 characters'],
    ['events', { url: SOMEWHERE, events: [] }, 'events must be a list of one or more of generation.succeeded,'],
    ['events[0]', { url: SOMEWHERE, events: ['image.found'] }, 'got "image.found"'],
    ['events', { url: SOMEWHERE, events: 'image.lost' }, 'events must be a list'],
    ['events', { url: SOMEWHERE, events: null }, 'events must be a list'],
    ['events', { url: SOMEWHERE, events: ['image.lost', 'image.lost'] }, 'name each once'],
    ['description', { url: SOMEWHERE, description: '花'.repeat(501) }, 'description has more than 500 characters'],
    ['description', { url: SOMEWHERE, description: 'a\0b' }, 'NUL'],
    ['enabled', { url: SOMEWHERE, enabled: 'yes' }, 'enabled must be true or false'],
    [
      'secret',
      { url: SOMEWHERE, secret: 'mine' },
      'Unknown field "secret". Known fields: url, events, description, enabled.',
    ],
  ])('is refused for its %s: %j', async (param, body, message) => {
    const created = await project.call('POST', '/v1/webhooks', body);
    expect([created.status, created.body.error.param]).toEqual([400, param]);
    expect(created.body.error.message).toContain(message);
    expect(created.body.error.message).not.toContain('hunter2');
    const { id } = await project.webhook({ url: SOMEWHERE });
    if (Object.keys(body).length > 0)
      expect(await project.call('PATCH', `/v1/webhooks/${id}`, body)).toMatchObject({
        status: 400,
        body: { error: { param } },
      });
    await fetchChecked(`${history.url}/v1/webhooks/${id}`, { method: 'DELETE', headers: project.headers });
  });

  test('may have the longest url and description', async () => {
    const url = `https://example.com/${'x'.repeat(2_028)}`;
    expect(await project.webhook({ url, description: '😀'.repeat(500) })).toMatchObject({ url });
  });

  test.each([
    ['/v1/webhooks?state=pending', 'state'],
    ['/v1/webhooks?limit=0', 'limit'],
  ])('list refuses %s', async (path, param) => {
    expect(await project.call('GET', path)).toMatchObject({ status: 400, body: { error: { param } } });
  });

  test('has deliveries that can be filtered by state', async () => {
    const { id } = await project.webhook({ url: (await receiver()).url });
    const path = `/v1/webhooks/${id}/deliveries`;
    await project.call('POST', `/v1/webhooks/${id}/test`);
    expect(await project.deliveries(id, '?state=delivered')).toHaveLength(1);
    expect(await project.deliveries(id, '?state=undelivered')).toEqual([]);
    const refused = await project.call('GET', `${path}?state=lost`);
    expect(refused).toMatchObject({ status: 400, body: { error: { param: 'state' } } });
    expect(refused.body.error.message).toContain('state must be one of pending, delivered, undelivered');
    expect(await project.call('GET', `${path}?limit=101`)).toMatchObject({
      status: 400,
      body: { error: { param: 'limit' } },
    });
  });
});

test('a project has at most 20 webhooks, also of those that are created at once', async () => {
  const project = await openProject(history.url);
  const created = await Promise.all(
    Array.from({ length: 24 }, () => project.call('POST', '/v1/webhooks', { url: SOMEWHERE })),
  );
  expect(created.filter(({ status }) => status === 201)).toHaveLength(20);
  const refused = created.find(({ status }) => status !== 201);
  expect([refused?.status, refused?.body.error.code]).toEqual([409, 'too_many_webhooks']);
  expect(refused?.body.error.message).toContain('20 webhooks');
});

test('the admin key reads the webhooks of any project, and changes those of its own alone', async () => {
  const project = await openProject(history.url);
  const { id } = await project.webhook({ url: SOMEWHERE });
  for (const query of [`?project_id=${project.id}`, '?project_id=all']) {
    const list = await get<{ data: WebhookRecord[] }>(history.url, `/v1/webhooks${query}`, ADMIN);
    expect(list.body.data.map((webhook) => webhook.id)).toContain(id);
    expect((await get(history.url, `/v1/webhooks/${id}${query}`, ADMIN)).status).toBe(200);
    expect((await get(history.url, `/v1/webhooks/${id}/deliveries${query}`, ADMIN)).status).toBe(200);
  }
  expect((await get(history.url, `/v1/webhooks/${id}`, ADMIN)).status).toBe(404);
});

describe('the test event', () => {
  test('is sent at once, and its result is the response', async () => {
    const project = await openProject(history.url);
    const { url, requests } = await receiver((_request, response) => void response.writeHead(200).end('hello'));
    const webhook = await project.webhook({ url });
    const { status, body } = await project.call<WebhookDelivery>('POST', `/v1/webhooks/${webhook.id}/test`);
    expect([status, body]).toMatchObject([
      200,
      {
        type: 'webhook.test',
        webhook_id: webhook.id,
        generation_id: null,
        state: 'delivered',
        reason: null,
        attempts: 1,
        response_status: 200,
        response_body: 'hello',
        next_attempt_at: null,
      },
    ]);
    const [request] = requests;
    if (request === undefined) throw new Error('no request');
    expect(verified(webhook.secret, request)).toEqual({
      type: 'webhook.test',
      timestamp: expect.stringMatching(/Z$/),
      data: { webhook_id: webhook.id },
    });
    expect(request.headers['webhook-id']).toBe(body.event_id);
    expect(await project.deliveries(webhook.id)).toEqual([body]);
  });

  test('of an endpoint that fails is a 200 too, and is not tried again; also of a disabled webhook', async () => {
    const project = await openProject(history.url);
    const { url, requests } = await receiver(
      (_request, response) => void response.writeHead(302, { location: '/' }).end(),
    );
    const webhook = await project.webhook({ url, enabled: false });
    const { status, body } = await project.call<WebhookDelivery>('POST', `/v1/webhooks/${webhook.id}/test`);
    expect([status, body]).toMatchObject([
      200,
      { state: 'undelivered', attempts: 1, response_status: 302, next_attempt_at: null, delivered_at: null },
    ]);
    expect(body.reason).toContain('redirects are not followed');
    expect(requests).toHaveLength(1);
    const refused = await project.call('POST', `/v1/deliveries/${body.id}/redeliver`);
    expect(refused).toMatchObject({ status: 409, body: { error: { code: 'webhook_disabled' } } });
  });
});

test('a rotation shows the new secret, and requests carry both signatures', async () => {
  const project = await openProject(history.url);
  const { url, requests } = await receiver();
  const webhook = await project.webhook({ url });
  const rotated = await project.call<typeof webhook>('POST', `/v1/webhooks/${webhook.id}/rotate`);
  expect(rotated.status).toBe(200);
  expect(rotated.headers.get('cache-control')).toBe('no-store');
  expect(rotated.body.secret).toMatch(/^whsec_/);
  await project.call('POST', `/v1/webhooks/${webhook.id}/test`);
  const [request] = requests;
  if (request === undefined) throw new Error('no request');
  expect(String(request.headers['webhook-signature']).split(' ')).toHaveLength(2);
  for (const secret of [webhook.secret, rotated.body.secret]) verified(secret, request);
});

describe('the end of a generation', () => {
  const eventsOf = async (
    project: WebhookProject,
    act: () => Promise<void>,
    types: readonly string[],
  ): Promise<readonly ReceivedEvent[]> => {
    const { url, requests } = await receiver();
    const webhook = await project.webhook({ url });
    await act();
    await expect.poll(() => requests.length, DELIVERY_WAIT).toBe(types.length);
    return requests
      .map((request) => verified(webhook.secret, request))
      .toSorted((one, other) => types.indexOf(one.type) - types.indexOf(other.type));
  };

  test('is told, with its record', async () => {
    const project = await openProject(history.url);
    const state = { id: '' };
    const act = async (): Promise<void> => void (state.id = await project.generate('花'));
    const [event] = await eventsOf(project, act, ['generation.succeeded']);
    const { body } = await project.call<GenerationRecord>('GET', `/v1/generations/${state.id}`);
    expect(event).toMatchObject({
      type: 'generation.succeeded',
      data: { id: body.id, state: 'succeeded', prompt: '花' },
    });
    expect(event?.data.images[0]?.url).toBe(body.images[0]?.url);
  });

  test('that is unknown is told, and so is what settles it', async () => {
    const project = await openProject(history.url);
    const act = async (): Promise<void> => {
      const id = await project.generate('x [[simulate status=500]]');
      await project.call('POST', `/v1/generations/${id}/resolve`, { outcome: 'not_billed' });
    };
    const events = await eventsOf(project, act, ['generation.failed', 'generation.resolved']);
    expect(events).toMatchObject([
      { type: 'generation.failed', data: { state: 'failed', outcome: 'unknown' } },
      { type: 'generation.resolved', data: { state: 'failed', outcome: 'not_billed' } },
    ]);
  });

  test('is told to the webhooks of its project that want it, and to no other', async () => {
    const [project, other] = [await openProject(history.url), await openProject(history.url)];
    const [wanting, not, foreign] = [await receiver(), await receiver(), await receiver()];
    await project.webhook({ url: wanting.url, events: ['generation.failed'] });
    await project.webhook({ url: not.url, events: ['generation.succeeded'] });
    await project.webhook({ url: not.url, enabled: false });
    await other.webhook({ url: foreign.url });
    await project.generate('x [[simulate status=500]]');
    await expect.poll(() => wanting.requests.length, DELIVERY_WAIT).toBe(1);
    expect([not.requests, foreign.requests]).toEqual([[], []]);
  });
});

test('the client has a method for each route', async () => {
  const project = await openProject(history.url);
  const { url } = await receiver();
  const apiKey = (project.headers['authorization'] ?? '').replace('Bearer ', '');
  const { webhooks } = createHistoryClient({ baseUrl: history.url, apiKey });
  const { id, secret } = await webhooks.create({ url, events: ['image.lost'] });
  expect((await webhooks.rotateSecret(id)).secret).not.toBe(secret);
  expect(await webhooks.update(id, { description: 'mine' })).toMatchObject({ description: 'mine' });
  expect(await webhooks.get(id)).toMatchObject({ id, url });
  expect((await webhooks.list({ limit: 1 })).data).toMatchObject([{ id }]);
  const sent = await webhooks.test(id);
  expect(sent.state).toBe('delivered');
  expect((await webhooks.deliveries(id, { state: 'delivered' })).data).toEqual([sent]);
  expect(await webhooks.redeliver(sent.id)).toMatchObject({ id: sent.id, state: 'pending' });
  await webhooks.delete(id);
  await expect(webhooks.get(id)).rejects.toMatchObject({ status: 404 });
});

describe('without WEBHOOK_PRIVATE_HOSTS', () => {
  let closed: TestHistory & AsyncDisposable;
  beforeAll(async () => {
    closed = resources.use(await openHistory({ ADMIN_API_KEY }));
  });

  test.each([
    'http://127.0.0.1:5678/webhook',
    'http://localhost:5678/webhook',
    'http://[::1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://0.0.0.0/',
    'http://2130706433/',
    'http://0x7f000001/',
    'http://0177.0.0.1/',
    'http://169.254.169.254/latest/meta-data',
    'http://100.100.100.200/latest/meta-data',
  ])('%s is refused when it is set', async (url) => {
    const project = await openProject(closed.url);
    const { id } = await project.webhook({ url: 'https://93.184.216.34/hooks' });
    for (const [method, path] of [
      ['POST', '/v1/webhooks'],
      ['PATCH', `/v1/webhooks/${id}`],
    ] as const) {
      const { status, body } = await project.call(method, path, { url });
      expect([status, body.error.param]).toEqual([400, 'url']);
      expect(body.error.message).toContain('WEBHOOK_PRIVATE_HOSTS=true');
    }
  });
});
