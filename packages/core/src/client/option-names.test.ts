import { sendJson, startTestServer } from '@wan-image/testing/http-server';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import * as fetchEntry from '../index.ts';
import { createClient, createHistoryClient, type Client, type HistoryClient } from '../index.node.ts';

const ID = '019ab2c4-5d6e-7f80-9a1b-2c3d4e5f6071';
const REQUEST = { model: 'wan2.7-image', prompt: '花' } as const;
const PROJECT = '019ab2b0-1122-7334-8455-66778899aabb';

/** Reads an async iterable to its first item or its error. */
const first = (items: AsyncIterable<unknown>): Promise<unknown> => items[Symbol.asyncIterator]().next();

describe('an option that a call does not have is refused before anything is sent, also from JavaScript', () => {
  // As a misspelled name, or as an option of another call: `sink` is one of `generate`.
  const wrong = (name: string): object => ({ [name]: '4711' });
  const calls: Record<string, (client: Client, history: HistoryClient, options: object) => unknown> = {
    generate: (client, _, options) => client.generate(REQUEST, options),
    stream: (client, _, options) => first(client.stream(REQUEST, options)),
    send: (client, _, options) => client.send({ ...REQUEST, n: 1, size: '1K' }, {}, options),
    models: (client, _, options) => client.models(options),
    model: (client, _, options) => client.model('wan2.7-image', options),
    download: (client, _, options) => client.download('http://127.0.0.1:1/a.png', options),
    page: (_, history, options) => history.page(options),
    list: (_, history, options) => first(history.list(options)),
    imagePage: (_, history, options) => history.imagePage(options),
    images: (_, history, options) => first(history.images(options)),
    tags: (_, history, options) => history.tags(options),
    service: (_, history, options) => history.service(options),
    stats: (_, history, options) => history.stats(options),
    timeline: (_, history, options) => history.timeline(options),
    get: (_, history, options) => history.get(ID, options),
    getImage: (_, history, options) => history.getImage(`${ID}-0`, options),
    lineage: (_, history, options) => history.lineage(ID, options),
    update: (_, history, options) => history.update(ID, { note: 'x' }, options),
    updateImage: (_, history, options) => history.updateImage(`${ID}-0`, { favorite: true }, options),
    delete: (_, history, options) => history.delete(ID, options),
    deleteImage: (_, history, options) => history.deleteImage(`${ID}-0`, options),
    restore: (_, history, options) => history.restore(ID, options),
    restoreImage: (_, history, options) => history.restoreImage(`${ID}-0`, options),
    bulk: (_, history, options) => history.bulk({ ids: [ID], action: 'delete' }, options),
    'bulk over a filter': (_, history, options) => history.bulk({ filter: { tag: ['x'] }, action: 'delete' }, options),
    export: (_, history, options) => first(history.export({ format: 'zip', ids: [ID] }, options)),
    job: (_, history, options) => history.job(ID, options),
    jobs: (_, history, options) => history.jobs(options),
    cancelJob: (_, history, options) => history.cancelJob(ID, options),
    'webhooks.list': (_, { webhooks }, options) => webhooks.list(options),
    'webhooks.create': (_, { webhooks }, options) => webhooks.create({ url: 'https://a.example' }, options),
    'webhooks.get': (_, { webhooks }, options) => webhooks.get(ID, options),
    'webhooks.update': (_, { webhooks }, options) => webhooks.update(ID, { enabled: true }, options),
    'webhooks.delete': (_, { webhooks }, options) => webhooks.delete(ID, options),
    'webhooks.rotateSecret': (_, { webhooks }, options) => webhooks.rotateSecret(ID, options),
    'webhooks.test': (_, { webhooks }, options) => webhooks.test(ID, options),
    'webhooks.deliveries': (_, { webhooks }, options) => webhooks.deliveries(ID, options),
    'webhooks.redeliver': (_, { webhooks }, options) => webhooks.redeliver(ID, options),
    'retention.get': (_, { retention }, options) => retention.get(options),
    'retention.set': (_, { retention }, options) => retention.set({ bin_days: 30 }, options),
    'retention.preview': (_, { retention }, options) => retention.preview({}, options),
    'session.create': (_, { session }, options) => session.create('k', options),
    'session.delete': (_, { session }, options) => session.delete(options),
    rerun: (_, history, options) => history.rerun(ID, {}, options),
    submit: (_, history, options) => history.submit(REQUEST, options),
    events: (_, history, options) => first(history.events(ID, options)),
    cancel: (_, history, options) => history.cancel(ID, options),
    resolve: (_, history, options) => history.resolve(ID, { outcome: 'billed' }, options),
    'download of the history': (_, history, options) => history.download('http://127.0.0.1:1/a.png', options),
  };
  const foreign: Record<string, string> = {
    generate: 'wait',
    stream: 'limit',
    send: 'cursor',
    list: 'count',
    images: 'count',
  };

  test('has a case for every method', () => {
    const options = { baseUrl: 'http://127.0.0.1:1', apiKey: 'k' };
    const { retention, session, webhooks, ...history } = createHistoryClient(options);
    const nested = Object.entries({ retention, session, webhooks }).flatMap(([group, methods]) =>
      Object.keys(methods).map((name) => `${group}.${name}`),
    );
    const names = [...Object.keys({ ...createClient(options), ...history }), ...nested];
    expect(Object.keys(calls)).toEqual(expect.arrayContaining(names.filter((name) => name !== 'sendStream')));
  });

  test.each(Object.entries(calls))('%s', async (name, call) => {
    await using server = await startTestServer((_request, response) => sendJson(response, 200, {}));
    const options = { baseUrl: server.url, apiKey: 'k' };
    const run = async (callOptions: object): Promise<unknown> =>
      call(createClient(options), createHistoryClient(options), callOptions);
    for (const option of ['query', foreign[name] ?? 'sink'])
      await expect(run(wrong(option))).rejects.toMatchObject({ kind: 'invalid_request', param: option });
    await expect(run({ timeoutms: 1 })).rejects.toThrow('Did you mean timeoutMs?');
    expect(server.requests).toEqual([]);
  });

  test('the error lists the options of that call', async () => {
    const history = createHistoryClient({ baseUrl: 'http://127.0.0.1:1', apiKey: 'k' });
    await expect(history.tags({ q: 'flower' } as object)).rejects.toThrow(
      'Unknown option "q". Known options: signal, timeoutMs, retry, onResponse, projectId.',
    );
    await expect(history.page({ createdAfter: '2026-11-01' } as object)).rejects.toThrow(
      /Unknown option "createdAfter"\. Known options: .*, limit, cursor, order, q, state, .*, deleted, count\.$/,
    );
  });

  test('an image refuses it too', async () => {
    await using server = await startTestServer((_request, response) =>
      sendJson(response, 200, { created: 1, data: [{ url: 'https://a.example/a.png' }] }),
    );
    const { images } = await createClient({ baseUrl: server.url, apiKey: 'k' }).generate(REQUEST);
    await expect(images[0]?.bytes({ q: 1 } as object)).rejects.toMatchObject({ param: 'q' });
    expect(() => images[0]?.stream({ q: 1 } as object)).toThrow('Unknown option "q"');
  });
});

describe('the project that a history client reads', () => {
  const openHistory = async (options: { readonly projectId?: string }) => {
    const server = await startTestServer((request, response) => {
      if (request.path.includes('/events')) response.writeHead(204).end();
      else sendJson(response, 404, { error: { message: 'none' } });
    });
    return { server, history: createHistoryClient({ baseUrl: server.url, apiKey: 'k', ...options }) };
  };
  const paths = async (
    options: { readonly projectId?: string },
    call: { readonly projectId?: string },
  ): Promise<readonly string[]> => {
    const { server, history } = await openHistory(options);
    await using _ = server;
    await history.page({ limit: 1, ...call }).catch(() => null);
    await history.get(ID, { wait: 1, ...call }).catch(() => null);
    await history.get(ID, call).catch(() => null);
    await first(history.events(ID, call));
    await history.imagePage(call).catch(() => null);
    await history.getImage(`${ID}-0`, call).catch(() => null);
    await history.tags(call).catch(() => null);
    await first(history.export({ format: 'zip', ids: [ID] }, call)).catch(() => null);
    await history.lineage(ID, call).catch(() => null);
    await history.job(ID, call).catch(() => null);
    await history.jobs(call).catch(() => null);
    await history.webhooks.list({ limit: 2, ...call }).catch(() => null);
    await history.webhooks.get(ID, call).catch(() => null);
    await history.webhooks.deliveries(ID, call).catch(() => null);
    return server.requests.map(({ path }) => path);
  };

  const expected = (query: string): readonly string[] => [
    `/v1/generations?limit=1${query && `&${query}`}`,
    `/v1/generations/${ID}?wait=1${query && `&${query}`}`,
    `/v1/generations/${ID}${query && `?${query}`}`,
    ...[
      `/v1/generations/${ID}/events`,
      '/v1/images',
      `/v1/images/${ID}-0`,
      '/v1/tags',
      '/v1/exports',
      `/v1/generations/${ID}/lineage`,
      `/v1/jobs/${ID}`,
      '/v1/jobs',
    ].map((path) => path + (query && `?${query}`)),
    `/v1/webhooks?limit=2${query && `&${query}`}`,
    ...[`/v1/webhooks/${ID}`, `/v1/webhooks/${ID}/deliveries`].map((path) => path + (query && `?${query}`)),
  ];

  test('is that of its key by default', async () => {
    expect(await paths({}, {})).toEqual(expected(''));
  });

  test('is that of the client, or of the call', async () => {
    expect(await paths({ projectId: 'all' }, {})).toEqual(expected('project_id=all'));
    expect(await paths({ projectId: 'all' }, { projectId: PROJECT })).toEqual(expected(`project_id=${PROJECT}`));
  });

  test('is not named where something is created or changed', async () => {
    const { server, history } = await openHistory({ projectId: PROJECT });
    await using _ = server;
    await history.submit(REQUEST).catch(() => null);
    await history.cancel(ID).catch(() => null);
    await history.resolve(ID, { outcome: 'billed' }).catch(() => null);
    await history.rerun(ID).catch(() => null);
    await history.update(ID, { note: null }).catch(() => null);
    await history.delete(ID).catch(() => null);
    await history.restore(ID).catch(() => null);
    await history.bulk({ ids: [ID], action: 'restore' }).catch(() => null);
    await history.cancelJob(ID).catch(() => null);
    await history.webhooks.create({ url: 'https://a.example' }).catch(() => null);
    await history.webhooks.update(ID, { enabled: false }).catch(() => null);
    await history.webhooks.rotateSecret(ID).catch(() => null);
    await history.webhooks.test(ID).catch(() => null);
    await history.webhooks.redeliver(ID).catch(() => null);
    await history.webhooks.delete(ID).catch(() => null);
    expect(server.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /v1/images/generations',
      `POST /v1/generations/${ID}/cancel`,
      `POST /v1/generations/${ID}/resolve`,
      `POST /v1/generations/${ID}/rerun`,
      `PATCH /v1/generations/${ID}`,
      `DELETE /v1/generations/${ID}`,
      `POST /v1/generations/${ID}/restore`,
      'POST /v1/generations/bulk',
      `POST /v1/jobs/${ID}/cancel`,
      'POST /v1/webhooks',
      `PATCH /v1/webhooks/${ID}`,
      `POST /v1/webhooks/${ID}/rotate`,
      `POST /v1/webhooks/${ID}/test`,
      `POST /v1/deliveries/${ID}/redeliver`,
      `DELETE /v1/webhooks/${ID}`,
    ]);
  });

  test.each(['', 7, null])('%j is refused, by the client and by a call', async (projectId) => {
    const message = 'projectId must be the id of a project, or "all".';
    const options = { baseUrl: 'http://127.0.0.1:1', apiKey: 'k' };
    expect(() => createHistoryClient({ ...options, projectId } as object)).toThrow(message);
    const history = createHistoryClient(options);
    await expect(history.page({ projectId } as object)).rejects.toThrow(message);
    await expect(history.get(ID, { projectId } as object)).rejects.toThrow(message);
    await expect(first(history.events(ID, { projectId } as object))).rejects.toThrow(message);
  });

  test('is no option of a client of the API', () => {
    expect(() => createClient({ apiKey: 'k', projectId: 'all' } as object)).toThrow('Unknown option "projectId"');
  });
});

describe('the API key', () => {
  beforeEach(() => void vi.stubEnv('WAN_IMAGE_API_KEY', ' key-of-the-environment\n'));
  afterEach(() => void vi.unstubAllEnvs());

  const sentBy = async (options: { readonly apiKey?: string | undefined }): Promise<string | undefined> => {
    await using server = await startTestServer((_request, response) => sendJson(response, 200, { data: [] }));
    await createClient({ baseUrl: server.url, ...options }).models();
    return server.requests[0]?.headers.authorization;
  };

  test('is WAN_IMAGE_API_KEY on Node, if none is given', async () => {
    expect(await sentBy({})).toBe('Bearer key-of-the-environment');
    expect(await sentBy({ apiKey: undefined })).toBe('Bearer key-of-the-environment');
    expect(await sentBy({ apiKey: 'mine' })).toBe('Bearer mine');
    expect(() => [createClient(), createHistoryClient()]).not.toThrow();
  });

  test('is not read from the environment where a page may run', () => {
    const message = 'apiKey is missing: pass it or, on Node, set the environment variable WAN_IMAGE_API_KEY.';
    expect(() => fetchEntry.createClient()).toThrow(message);
    expect(() => fetchEntry.createHistoryClient({})).toThrow(message);
  });

  test.each(['', ' '])('is missing if the variable is %j, which the error says', (value) => {
    vi.stubEnv('WAN_IMAGE_API_KEY', value);
    expect(() => createClient()).toThrow(/apiKey is missing/);
  });

  test('that is given empty is missing, and not replaced by another', () => {
    expect(() => createClient({ apiKey: '' })).toThrow('apiKey is missing');
  });

  test('of the environment is checked and never shown', () => {
    vi.stubEnv('WAN_IMAGE_API_KEY', '"quoted-secret"');
    const make = (): unknown => createClient();
    expect(make).toThrow('Invalid apiKey');
    expect(make).not.toThrow('quoted-secret');
  });
});
