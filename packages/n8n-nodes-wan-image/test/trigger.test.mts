import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { WanImageTrigger } from '../nodes/WanImageTrigger/WanImageTrigger.node.ts';
import {
  activation,
  API_KEY,
  eventOf,
  receiver,
  RECORD,
  SECRET,
  signatureOf,
  SUCCEEDED,
  URL_OF_N8N,
  WEBHOOK_ID,
  type ApiRequest,
  type ApiResponse,
} from './support/trigger.mts';

const seconds = (): number => Math.floor(Date.now() / 1000);

describe('a signature', () => {
  test('of the secret starts the workflow', async () => {
    expect(await receiver().receive()).toMatchObject({ status: 200, items: [{ json: { prompt: '一间花店' } }] });
  });

  test('of one of two secrets is valid, as while a secret is rotated', async () => {
    const other = `whsec_${randomBytes(32).toString('base64')}`;
    expect(await receiver().receive({ secrets: [other, SECRET] })).toMatchObject({ status: 200 });
    expect(await receiver().receive({ secrets: [other] })).toMatchObject({ status: 401, items: null });
  });

  test.each<[string, object]>([
    ['none', { signature: '' }],
    ['of another version', { signature: 'v2,AAAA' }],
    ['empty', { signature: 'v1,' }],
    ['too short', { signature: 'v1,AAAA' }],
    ['no base64', { signature: 'v1,%%%%' }],
    ['of an empty id', { id: '' }],
    ['of a time that is none', { timestamp: 'now' }],
    ['of a negative time', { timestamp: -1 }],
    ['six minutes old', { timestamp: seconds() - 360 }],
    ['six minutes ahead', { timestamp: seconds() + 360 }],
    ['without a body', { body: undefined }],
  ])('is refused with 401: %s', async (_title, request) => {
    expect(await receiver().receive(request)).toEqual({
      status: 401,
      items: null,
      message: 'The signature of this request is not valid for this Wan Image Trigger.',
    });
  });

  test('four minutes old or ahead is valid', async () => {
    for (const timestamp of [seconds() - 240, seconds() + 240]) {
      expect(await receiver().receive({ timestamp })).toMatchObject({ status: 200 });
    }
  });

  test('is refused without a registration, and with a secret that is empty', async () => {
    for (const staticData of [
      {},
      { webhookId: 'w' },
      { webhookId: 'w', secret: 'whsec_' },
      { webhookId: 'w', secret: '' },
    ]) {
      expect(await receiver({}, staticData).receive({ secrets: ['whsec_'] })).toMatchObject({
        status: 401,
        items: null,
      });
    }
  });

  test('of any other body, id or time is refused', async () => {
    const now = seconds();
    await fc.assert(
      fc.asyncProperty(fc.constantFrom('body', 'id', 'timestamp'), fc.string({ minLength: 1 }), async (part, text) => {
        const signature = signatureOf('id-1', now, SUCCEEDED, SECRET);
        const genuine = { id: 'id-1', timestamp: now, body: SUCCEEDED, signature };
        const forged =
          part === 'timestamp'
            ? { timestamp: now - 1 }
            : part === 'id'
              ? { id: `id-1${text}` }
              : { body: SUCCEEDED + text };
        const { status, items } = await receiver().receive({ ...genuine, ...forged });
        expect([status, items]).toEqual([401, null]);
      }),
    );
  });
});

describe('an event', () => {
  test('that comes again starts the workflow once, also after n8n was started again', async () => {
    const first = receiver();
    expect((await first.receive({ id: 'a' })).items).not.toBeNull();
    expect(await first.receive({ id: 'a' })).toEqual({
      status: 200,
      items: null,
      message: 'Ignored: this event was received before.',
    });
    // Another process has the static data alone.
    const restarted = receiver({}, { ...first.staticData, webhookId: 'other' });
    expect((await restarted.receive({ id: 'a' })).items).toBeNull();
    expect((await restarted.receive({ id: 'b' })).items).not.toBeNull();
  });

  test('is new again if n8n did not start the workflow', async () => {
    const { receive } = receiver();
    expect(await receive({ id: 'a', status: 500 })).toMatchObject({ status: 500 });
    expect((await receive({ id: 'a' })).items).not.toBeNull();
  });

  test('that comes while its first request is in flight has to come again', async () => {
    const { receive, close } = receiver();
    await receive({ id: 'a', isOpen: true, status: 500 });
    expect(await receive({ id: 'a' })).toMatchObject({ status: 409, items: null });
    close();
    expect((await receive({ id: 'a' })).items).not.toBeNull();
  });

  test('of two requests at once is in neither lost nor forgotten', async () => {
    const { receive, staticData } = receiver();
    await Promise.all([receive({ id: 'a' }), receive({ id: 'b' })]);
    // Each request saved its own copy, of which one replaced the other.
    expect(staticData['received']).toHaveLength(1);
    for (const id of ['a', 'b']) expect((await receive({ id })).items).toBeNull();
  });

  test('keeps the ids of the last 500', async () => {
    const { receive, staticData } = receiver();
    for (let index = 0; index < 510; index++) await receive({ id: `id-${index}` });
    expect(staticData['received']).toHaveLength(500);
    expect((staticData['received'] as string[]).at(-1)).toBe('id-509');
  });

  test('that was not chosen, and a test, start nothing and are accepted', async () => {
    const { receive } = receiver({ events: ['generation.failed'] });
    expect(await receive()).toMatchObject({ status: 200, items: null, message: expect.stringContaining('Ignored') });
    const body = eventOf('webhook.test', { webhook_id: WEBHOOK_ID });
    expect(await receive({ body })).toMatchObject({
      status: 200,
      items: null,
      message: expect.stringContaining('works'),
    });
  });

  test('is simplified, or has the whole record', async () => {
    const { items } = await receiver().receive({ id: 'a' });
    expect(items).toEqual([
      {
        json: {
          event: 'generation.succeeded',
          event_id: 'a',
          timestamp: '2026-11-28T08:00:00.000Z',
          generation_id: RECORD.id,
          id: RECORD.id,
          created_at: '2026-11-28T07:59:00.000Z',
          state: 'succeeded',
          outcome: 'billed',
          model: 'wan2.7-image-pro',
          prompt: '一间花店',
          images: [
            {
              image_id: `${RECORD.id}-0`,
              index: 0,
              url: RECORD.images[0]!.url,
              width: 1024,
              height: 1024,
              favorite: false,
            },
          ],
          error: null,
          tags: ['shop', '春天'],
          note: null,
        },
      },
    ]);
    const raw = await receiver({ simplify: false }).receive({ id: 'b' });
    expect(raw.items?.[0]?.json).toMatchObject({ event_id: 'b', generation_id: RECORD.id, generation: RECORD });
  });

  test('names the lost image', async () => {
    const { receive } = receiver({ events: ['image.lost'] });
    const { items } = await receive({ body: eventOf('image.lost', { ...RECORD, image_id: `${RECORD.id}-0` }) });
    expect(items?.[0]?.json).toMatchObject({ event: 'image.lost', image_id: `${RECORD.id}-0` });
  });
});

describe('filters', () => {
  const GONE = eventOf('generation.succeeded', { id: RECORD.id, deleted: true });

  test.each<[object, string | undefined, boolean]>([
    [{}, undefined, true],
    [{ models: '' }, undefined, true],
    [{ models: 'wan2.7-image-pro' }, undefined, true],
    [{ models: 'wan2.7-image , wan2.7-image-pro' }, undefined, true],
    [{ models: 'wan2.7-image' }, undefined, false],
    [{ tags: 'shop' }, undefined, true],
    [{ tags: '春天，shop' }, undefined, true],
    [{ tags: 'shop, sale' }, undefined, false],
    [{ tags: ['shop', '春天'] }, undefined, true],
    [{ models: 'wan2.7-image-pro', tags: 'sale' }, undefined, false],
    [{}, GONE, true],
    [{ tags: 'shop' }, GONE, false],
  ])('%j', async (filters, body, isPassed) => {
    const { status, items } = await receiver({ filters }).receive(body === undefined ? {} : { body });
    expect([status, items !== null]).toEqual([200, isPassed]);
  });

  test('a generation that was deleted for good has its id alone', async () => {
    const { items } = await receiver().receive({ body: GONE });
    expect(items?.[0]?.json).toMatchObject({ generation_id: RECORD.id, deleted: true });
  });
});

describe('the registration', () => {
  const WEBHOOK = { id: WEBHOOK_ID, url: URL_OF_N8N, events: ['generation.succeeded'], enabled: true };
  const REGISTERED = { webhookId: WEBHOOK_ID, secret: SECRET, workflowId: 'w1' };
  const REACHED = {
    state: 'undelivered',
    response_body: '{"message":"The signature of this request is not valid for this Wan Image Trigger."}',
  };

  /** A history service with these webhooks. */
  const service =
    (webhooks: readonly object[], delivery: object = REACHED) =>
    ({ method, path }: ApiRequest): ApiResponse => {
      const [, id, action] = /^\/v1\/webhooks(?:\/([^/?]+))?(?:\/(\w+))?/.exec(path) ?? [];
      if (action === 'test') return { body: delivery };
      if (action === 'rotate') return { body: { ...WEBHOOK, id, secret: 'whsec_cm90YXRlZA==' } };
      if (id === undefined && method === 'GET') return { body: { data: webhooks } };
      if (method === 'POST') return { status: 201, body: { ...WEBHOOK, secret: SECRET } };
      const found = webhooks.find((webhook) => 'id' in webhook && webhook.id === id);
      if (found === undefined) return { status: 404, body: { error: { message: 'This webhook does not exist.' } } };
      return method === 'DELETE' ? { status: 204, body: '' } : { body: found };
    };

  const sentOf = (requests: readonly ApiRequest[]): string[] => requests.map(({ method, path }) => `${method} ${path}`);

  test('creates a webhook for the events, and keeps its id and secret', async () => {
    const { call, staticData, requests } = activation({
      respond: service([]),
      parameters: { events: ['generation.failed', 'image.lost'] },
    });
    expect(await call('checkExists')).toBe(false);
    expect(await call('create')).toBe(true);
    expect(staticData).toEqual(REGISTERED);
    expect(sentOf(requests)).toEqual([
      'GET /v1/webhooks?limit=100',
      'POST /v1/webhooks',
      `POST /v1/webhooks/${WEBHOOK_ID}/test`,
    ]);
    expect(requests[1]?.body).toEqual({
      url: URL_OF_N8N,
      events: ['generation.failed', 'image.lost'],
      description: 'n8n: Files (w1), Trigger',
      enabled: true,
    });
  });

  test('of an activation whose end was not saved is used again, with a new secret', async () => {
    const { call, staticData, requests } = activation({ respond: service([WEBHOOK]) });
    expect(await call('create')).toBe(true);
    expect(staticData).toEqual({ ...REGISTERED, secret: 'whsec_cm90YXRlZA==' });
    expect(sentOf(requests)).not.toContain('POST /v1/webhooks');
  });

  test('that exists stays as it is', async () => {
    const { call, requests } = activation({ respond: service([WEBHOOK]), staticData: { ...REGISTERED } });
    expect(await call('checkExists')).toBe(true);
    expect(sentOf(requests)).toEqual([`GET /v1/webhooks/${WEBHOOK_ID}`]);
  });

  test.each([
    ['disabled', { enabled: false }],
    ['for other events', { events: ['image.lost'] }],
    ['with an earlier address of n8n', { url: 'https://old.example.com/webhook/abc/webhook' }],
  ])('that is %s is corrected', async (_title, difference) => {
    const { call, requests, staticData } = activation({
      respond: service([{ ...WEBHOOK, ...difference }]),
      staticData: { ...REGISTERED },
    });
    expect(await call('checkExists')).toBe(true);
    expect(requests.find(({ method }) => method === 'PATCH')?.body).toMatchObject({ url: URL_OF_N8N, enabled: true });
    expect(staticData).toEqual(REGISTERED);
  });

  test('that the service does not have any more is created again', async () => {
    const { call, staticData } = activation({ respond: service([]), staticData: { ...REGISTERED, received: ['a'] } });
    expect(await call('checkExists')).toBe(false);
    expect(staticData).toEqual({});
  });

  test('of another workflow is not touched by a copy', async () => {
    const copy = activation({
      respond: service([WEBHOOK]),
      staticData: { ...REGISTERED },
      workflowId: 'copy',
      url: 'https://n8n.example.com/webhook/def/webhook',
    });
    await copy.call('delete');
    expect(sentOf(copy.requests)).toEqual(['GET /v1/webhooks?limit=100']);
    const activated = activation({ respond: service([WEBHOOK]), staticData: { ...REGISTERED }, workflowId: 'copy' });
    expect(await activated.call('checkExists')).toBe(false);
    expect(activated.requests).toEqual([]);
  });

  test('is removed, also if it is gone already, and by its URL if nothing is known of it', async () => {
    for (const [staticData, webhooks] of [
      [{ ...REGISTERED }, [WEBHOOK]],
      [{ ...REGISTERED }, []],
      [{}, [WEBHOOK]],
    ] as const) {
      const removal = activation({ respond: service(webhooks), staticData });
      expect(await removal.call('delete')).toBe(true);
      expect(sentOf(removal.requests).at(-1)).toBe(`DELETE /v1/webhooks/${WEBHOOK_ID}`);
      expect(removal.staticData).toEqual({});
    }
  });

  test('keeps what it knows if the removal fails', async () => {
    const { call, staticData } = activation({
      respond: () => ({ status: 503, body: {} }),
      staticData: { ...REGISTERED },
    });
    await expect(call('delete')).rejects.toThrow('(503)');
    expect(staticData).toEqual(REGISTERED);
  });

  const errorOf = async (respond: (request: ApiRequest) => ApiResponse, options: object = {}): Promise<string> => {
    const { call } = activation({ respond, ...options });
    const error: unknown = await call('create').catch((caught: unknown) => caught);
    return error instanceof Error ? error.message : 'It was registered.';
  };
  const refusing = (status: number, error: object, headers?: ApiResponse['headers']) => (): ApiResponse => ({
    status,
    body: { error },
    ...(headers === undefined ? {} : { headers }),
  });

  test.each<[string, (request: ApiRequest) => ApiResponse, RegExp]>([
    ['a key without manage', refusing(403, { code: 'insufficient_scope' }), /lacks the scope "manage".*Create a key/],
    ['an unknown key', refusing(401, { message: `Invalid API key ${API_KEY}.` }), /rejected the API key .*\(401\)/],
    [
      'no history service',
      refusing(404, { message: 'Invalid URL' }, {}),
      /No history service at the Base URL .*\(404\)/,
    ],
    ['a page of HTML', () => ({ status: 200, headers: {}, body: '<html>' }), /No history service at the Base URL/],
    ['an early history service', refusing(404, { message: 'Not found' }), /no webhooks \(404\): update it/],
    [
      'too many webhooks',
      refusing(409, { message: 'The project has 20 webhooks.' }),
      /\(409\)\. It says: The project has 20/,
    ],
  ])('fails with the reason and the remedy: %s', async (_title, respond, message) => {
    const found = await errorOf(respond);
    expect(found).toMatch(message);
    expect(found).not.toContain(API_KEY);
  });

  test('fails with WEBHOOK_PRIVATE_HOSTS where the service may not reach n8n', async () => {
    const message =
      'url leads to n8n, which is not on the public internet. Use a public host or, if the service may reach its own network, set WEBHOOK_PRIVATE_HOSTS=true and restart it.';
    const respond = (request: ApiRequest): ApiResponse =>
      request.method === 'POST' ? { status: 400, body: { error: { message, param: 'url' } } } : { body: { data: [] } };
    expect(await errorOf(respond, { url: 'http://n8n:5678/webhook/abc/webhook' })).toBe(
      'The history service may not send events to this n8n: n8n:5678 is not on the public internet. Set WEBHOOK_PRIVATE_HOSTS=true at the history service and restart it; or, if this n8n has a public address, set it as WEBHOOK_URL of n8n.',
    );
  });

  test('fails with the reason where the service cannot reach n8n, and keeps nothing', async () => {
    const delivery = { state: 'undelivered', reason: 'connect ECONNREFUSED 127.0.0.1:5678.', response_body: null };
    const attempt = activation({ respond: service([], delivery), url: 'http://localhost:5678/webhook/abc/webhook' });
    await expect(attempt.call('create')).rejects.toThrow(
      'The history service cannot reach this n8n at http://localhost:5678: connect ECONNREFUSED 127.0.0.1:5678. For a service in a container, localhost is the container itself. Set WEBHOOK_URL of n8n to an address that the history service can reach.',
    );
    expect(attempt.staticData).toEqual({});
  });

  test.each(['nowhere', '', 'ftp://a.example', 'https://user:pass@a.example', 7])(
    'fails for a Base URL %j',
    async (baseUrl) => {
      expect(await errorOf(service([]), { credential: { baseUrl } })).toMatch(/^Base URL must be a URL such as/);
    },
  );

  test.each(['https://history.example.com/', ' https://history.example.com/v1 ', 'https://history.example.com/v1/'])(
    'accepts a Base URL %j',
    async (baseUrl) => {
      const { call, requests } = activation({ respond: service([]), credential: { baseUrl } });
      await call('create');
      expect(requests[0]?.path).toBe('/v1/webhooks?limit=100');
    },
  );

  test('needs an event', async () => {
    expect(await errorOf(service([]), { parameters: { events: [] } })).toBe('Events: choose at least one.');
  });
});

test('the trigger follows the conventions of n8n', () => {
  const { description } = new WanImageTrigger();
  expect(description).toMatchObject({ group: ['trigger'], inputs: [], outputs: ['main'], name: 'wanImageTrigger' });
  expect(description).not.toHaveProperty('usableAsTool');
});
