import type { ApiKeyScope, ErrorBody } from '@wan-image/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '@wan-image/testing/eventually';
import { PAGE_ROUTES } from '../src/http/page-routes.ts';
import type { Route } from '../src/http/routes.ts';
import { ADMIN, ADMIN_API_KEY, bearer, createKey, createProject } from './support/access.ts';
import { onDatabase } from './support/on-database.ts';
import { fetchChecked, generate } from './support/requests.ts';
import { openHistory, type TestHistory } from './support/test-history.ts';

const SCOPES: readonly ApiKeyScope[] = ['generate', 'read', 'manage'];
const request = { model: 'wan2.7-image', prompt: '花', size: '1K' };

/** The resources of a project, which the other project requests. */
interface Tenant {
  readonly id: string;
  /** With all scopes. */
  readonly key: string;
  /** The keys by their only scope. */
  readonly keys: Readonly<Record<ApiKeyScope, string>>;
  readonly keyId: string;
  readonly generationId: string;
  readonly imageUrl: string;
  /** A generation that is deleted. */
  readonly binnedId: string;
  readonly jobId: string;
  /** A webhook that is disabled, with a delivery. */
  readonly webhookId: string;
  readonly deliveryId: string;
  /** Webhooks to delete: each is gone then. */
  readonly spareWebhooks: string[];
}

interface Entry {
  readonly need: Route['need'];
  /** The status of the request below with valid credentials: no other is expected, and never a 500. */
  readonly status: number;
  /** The path, if it names a resource of a project. */
  readonly path?: (tenant: Tenant) => string;
  /** The smallest body with which a POST reaches the id check. */
  readonly body?: unknown;
  /** For a list of resources of a project: what it has of the tenant's. */
  readonly lists?: (tenant: Tenant) => string;
}

/** Every route of the service, and the access it requires. A missing route fails; a route that takes an id has a path. */
const MATRIX: Readonly<Record<string, Entry>> = {
  // The gallery, which is not built here.
  ...Object.fromEntries(PAGE_ROUTES.map((route): [string, Entry] => [`GET ${route}`, { need: 'public', status: 503 }])),
  'GET /assets/*': { need: 'public', status: 404 },
  'GET /favicon.svg': { need: 'public', status: 404 },
  'GET /healthz': { need: 'public', status: 200 },
  'GET /readyz': { need: 'public', status: 200 },
  'GET /openapi.json': { need: 'public', status: 200 },
  'GET /docs': { need: 'public', status: 200 },
  // And its files.
  'GET /docs/*': { need: 'public', status: 404 },
  'GET /docs-yaml': { need: 'admin', status: 200 },
  // Public with a signed URL; without a signature it requires a key: see below.
  'GET /images/:image_id': { need: 'public', status: 404 },
  'GET /v1/models': { need: 'any key', status: 200 },
  'GET /v1/service': { need: 'any key', status: 200 },
  'POST /v1/session': { need: 'public', status: 204, body: { api_key: ADMIN_API_KEY } },
  'DELETE /v1/session': { need: 'public', status: 204 },
  'GET /v1/models/:id': { need: 'any key', status: 404 },
  'POST /v1/images/generations': { need: 'generate', status: 400 },
  'POST /v1/images/edits': { need: 'generate', status: 400 },
  'GET /v1/generations': { need: 'read', status: 200, lists: ({ generationId }) => generationId },
  'GET /v1/images': { need: 'read', status: 200, lists: ({ generationId }) => generationId },
  'GET /v1/images/timeline': { need: 'read', status: 200 },
  'GET /v1/stats': { need: 'read', status: 200 },
  'GET /v1/images/:image_id': {
    need: 'read',
    status: 200,
    path: ({ generationId }) => `/v1/images/${generationId}-0`,
  },
  'GET /v1/generations/:id': {
    need: 'read',
    status: 200,
    path: ({ generationId }) => `/v1/generations/${generationId}`,
  },
  'GET /v1/generations/:id/events': {
    need: 'read',
    status: 200,
    path: ({ generationId }) => `/v1/generations/${generationId}/events`,
  },
  'POST /v1/generations/:id/cancel': {
    need: 'generate',
    status: 409,
    path: ({ generationId }) => `/v1/generations/${generationId}/cancel`,
  },
  'POST /v1/generations/:id/resolve': {
    need: 'manage',
    status: 200,
    path: ({ generationId }) => `/v1/generations/${generationId}/resolve`,
    body: { outcome: 'billed' },
  },
  'GET /v1/generations/:id/lineage': {
    need: 'read',
    status: 200,
    path: ({ generationId }) => `/v1/generations/${generationId}/lineage`,
  },
  'POST /v1/generations/:id/rerun': {
    need: 'generate',
    status: 200,
    path: ({ generationId }) => `/v1/generations/${generationId}/rerun`,
  },
  'PATCH /v1/generations/:id': {
    need: 'manage',
    status: 200,
    path: ({ generationId }) => `/v1/generations/${generationId}`,
    body: { note: '花' },
  },
  'POST /v1/generations/:id/restore': {
    need: 'manage',
    status: 200,
    path: ({ generationId }) => `/v1/generations/${generationId}/restore`,
  },
  'DELETE /v1/generations/:id': {
    need: 'manage',
    status: 204,
    path: ({ binnedId }) => `/v1/generations/${binnedId}`,
  },
  'PATCH /v1/images/:image_id': {
    need: 'manage',
    status: 200,
    path: ({ generationId }) => `/v1/images/${generationId}-0`,
    body: { favorite: true },
  },
  'POST /v1/images/:image_id/restore': {
    need: 'manage',
    status: 200,
    path: ({ generationId }) => `/v1/images/${generationId}-0/restore`,
  },
  'DELETE /v1/images/:image_id': {
    need: 'manage',
    status: 204,
    path: ({ binnedId }) => `/v1/images/${binnedId}-0`,
  },
  'POST /v1/generations/bulk': { need: 'manage', status: 400 },
  'GET /v1/exports': { need: 'read', status: 400 },
  'POST /v1/exports': { need: 'read', status: 400 },
  'GET /v1/tags': { need: 'read', status: 200, lists: ({ id }) => `tag of ${id}` },
  'GET /v1/jobs': { need: 'read', status: 200, lists: ({ jobId }) => jobId },
  'GET /v1/jobs/:id': { need: 'read', status: 200, path: ({ jobId }) => `/v1/jobs/${jobId}` },
  'POST /v1/jobs/:id/cancel': { need: 'manage', status: 409, path: ({ jobId }) => `/v1/jobs/${jobId}/cancel` },
  'POST /v1/webhooks': { need: 'manage', status: 400 },
  'GET /v1/webhooks': { need: 'manage', status: 200, lists: ({ webhookId }) => webhookId },
  'GET /v1/webhooks/:id': { need: 'manage', status: 200, path: ({ webhookId }) => `/v1/webhooks/${webhookId}` },
  'PATCH /v1/webhooks/:id': {
    need: 'manage',
    status: 200,
    path: ({ webhookId }) => `/v1/webhooks/${webhookId}`,
    body: { description: '花' },
  },
  'DELETE /v1/webhooks/:id': {
    need: 'manage',
    status: 204,
    path: ({ spareWebhooks }) => `/v1/webhooks/${spareWebhooks.pop()}`,
  },
  'POST /v1/webhooks/:id/rotate': {
    need: 'manage',
    status: 200,
    path: ({ webhookId }) => `/v1/webhooks/${webhookId}/rotate`,
  },
  'POST /v1/webhooks/:id/test': {
    need: 'manage',
    status: 200,
    path: ({ webhookId }) => `/v1/webhooks/${webhookId}/test`,
  },
  'GET /v1/webhooks/:id/deliveries': {
    need: 'manage',
    status: 200,
    path: ({ webhookId }) => `/v1/webhooks/${webhookId}/deliveries`,
  },
  'POST /v1/deliveries/:id/redeliver': {
    need: 'manage',
    status: 409,
    path: ({ deliveryId }) => `/v1/deliveries/${deliveryId}/redeliver`,
  },
  'GET /v1/retention': { need: 'manage', status: 200 },
  'PUT /v1/retention': { need: 'manage', status: 200 },
  'POST /v1/retention/preview': { need: 'manage', status: 200 },
  'POST /v1/projects': { need: 'admin', status: 400 },
  'GET /v1/projects': { need: 'admin', status: 200 },
  'GET /v1/projects/:id': { need: 'admin', status: 404 },
  'PATCH /v1/projects/:id': { need: 'admin', status: 404 },
  'POST /v1/api-keys': { need: 'admin', status: 400 },
  'GET /v1/api-keys': { need: 'admin', status: 200 },
  'GET /v1/api-keys/:id': { need: 'admin', status: 404 },
  'PATCH /v1/api-keys/:id': { need: 'admin', status: 404 },
  'DELETE /v1/api-keys/:id': { need: 'admin', status: 404 },
};

const entries = Object.entries(MATRIX).map(([route, entry]) => {
  const [method = '', pattern = ''] = route.split(' ');
  return Object.assign({ route, method, pattern }, entry);
});
const keyed = entries.filter(({ need }) => need !== 'public');
const ofProjects = entries.filter(({ path }) => path !== undefined);
const scoped = keyed.filter(({ need }) => need !== 'admin' && need !== 'any key');

let history: TestHistory & AsyncDisposable;
let one: Tenant;
let other: Tenant;

beforeAll(async () => {
  history = await openHistory({ ADMIN_API_KEY, WEBHOOK_PRIVATE_HOSTS: 'true' });
  one = await openTenant('one');
  other = await openTenant('other');
});
afterAll(() => history[Symbol.asyncDispose]());

async function openTenant(name: string): Promise<Tenant> {
  const { id } = await createProject(history.url, name);
  const keyOf = (scopes: readonly ApiKeyScope[]): ReturnType<typeof createKey> =>
    createKey(history.url, { project_id: id, scopes });
  const [all, mayGenerate, mayRead, mayManage] = [
    await keyOf(SCOPES),
    await keyOf(['generate']),
    await keyOf(['read']),
    await keyOf(['manage']),
  ];
  const response = await generate(history.url, { ...request, prompt: name }, bearer(all.key));
  expect(response.status).toBe(200);
  const generationId = response.headers.get('x-generation-id') ?? '';
  const binned = await generate(history.url, { ...request, prompt: `${name}, to be deleted` }, bearer(all.key));
  const tag = { tags: [`tag of ${id}`] };
  await ask('PATCH', `${history.url}/v1/generations/${generationId}`, bearer(all.key), tag);
  const change = { filter: { tag: ['none'] }, action: 'delete' };
  const job = await ask('POST', `${history.url}/v1/generations/bulk`, bearer(all.key), change);
  const { id: jobId } = JSON.parse(job.text) as { id: string };
  await eventually(async () =>
    expect((await ask('GET', `${history.url}/v1/jobs/${jobId}`, bearer(all.key))).text).toContain('succeeded'),
  );
  // Nobody listens there.
  const webhook = { url: 'http://127.0.0.1:9/', enabled: false };
  const newWebhook = async (): Promise<string> => {
    const created = await ask('POST', `${history.url}/v1/webhooks`, bearer(all.key), webhook);
    return (JSON.parse(created.text) as { id: string }).id;
  };
  const webhookId = await newWebhook();
  const tried = await ask('POST', `${history.url}/v1/webhooks/${webhookId}/test`, bearer(all.key));
  const spareWebhooks = await Promise.all(Array.from({ length: 10 }, newWebhook));
  return {
    id,
    key: all.key,
    keys: { generate: mayGenerate.key, read: mayRead.key, manage: mayManage.key },
    keyId: all.id,
    generationId,
    binnedId: binned.headers.get('x-generation-id') ?? '',
    jobId,
    webhookId,
    deliveryId: (JSON.parse(tried.text) as { id: string }).id,
    spareWebhooks,
    imageUrl: response.body.data[0]?.url ?? '',
  };
}

interface Outcome {
  readonly status: number;
  readonly text: string;
  readonly code: string | null;
}

const hasBody = (method: string): boolean => ['POST', 'PUT', 'PATCH'].includes(method);

async function ask(method: string, url: string, headers: Record<string, string>, body?: unknown): Promise<Outcome> {
  const response = await fetchChecked(url, {
    method,
    headers: { ...headers, ...(hasBody(method) ? { 'content-type': 'application/json' } : {}) },
    ...(hasBody(method) ? { body: JSON.stringify(body ?? {}) } : {}),
  });
  const text = await response.text();
  const isError = response.status >= 400 && text.startsWith('{');
  return { status: response.status, text, code: isError ? (JSON.parse(text) as ErrorBody).error.code : null };
}

/** The number of documentation files depends on the package. */
const patternOf = (url: string): string => url.replace(/^\/docs\/.*/, '/docs/*');

const NOWHERE = '00000000-0000-7000-8000-00000000000f';
const plainPath = (pattern: string): string => pattern.replace(/:\w+|\*/, NOWHERE);

test('the matrix has every route of the running service with its required access, and no other', () => {
  const running = history.routes
    .filter(({ method }) => method !== 'HEAD')
    .map(({ method, url, need }) => `${method} ${patternOf(url)}: ${need}`);
  const expected = entries.map(({ route, need }) => `${route}: ${need}`);
  expect([...new Set(running)].toSorted()).toEqual(expected.toSorted());
});

test('a HEAD route needs the permission of its GET route', () => {
  const heads = history.routes.filter(({ method }) => method === 'HEAD');
  expect(heads.length).toBeGreaterThan(0);
  for (const { url, need } of heads) expect([url, need]).toEqual([url, MATRIX[`GET ${patternOf(url)}`]?.need]);
});

test('every route below /v1 that takes the id of a project resource has a path in the matrix', () => {
  const withId = entries.filter(
    ({ pattern, need }) => pattern.includes(':') && need !== 'admin' && need !== 'public' && need !== 'any key',
  );
  expect(withId.map(({ route }) => route)).toEqual(ofProjects.map(({ route }) => route));
});

describe('without a key, or with an invalid one', () => {
  test.each(keyed)('$route is 401', async ({ method, pattern }) => {
    const url = history.url + plainPath(pattern);
    expect(await ask(method, url, {})).toMatchObject({ status: 401, code: 'missing_api_key' });
    for (const key of ['wrong', `wan_${'x'.repeat(43)}`])
      expect(await ask(method, url, bearer(key))).toMatchObject({ status: 401, code: 'invalid_api_key' });
  });
});

describe('a resource of another project does not exist', () => {
  test.each(ofProjects)('$route', async ({ method, path, body, status }) => {
    const url = (tenant: Tenant): string => history.url + (path?.(tenant) ?? '');
    const foreign = await ask(method, url(one), bearer(other.key), body);
    expect([foreign.status, foreign.code]).toEqual([404, 'not_found']);
    // The message is that of an id that never existed; and the admin key belongs to one project like any other.
    const ids = { generationId: NOWHERE, binnedId: NOWHERE, jobId: NOWHERE, webhookId: NOWHERE, deliveryId: NOWHERE };
    const nowhere = path?.({ ...one, ...ids, spareWebhooks: [NOWHERE] }) ?? '';
    expect((await ask(method, history.url + nowhere, bearer(other.key), body)).text).toBe(foreign.text);
    expect((await ask(method, url(one), ADMIN, body)).status).toBe(404);
    expect((await ask(method, url(one), bearer(one.key), body)).status).toBe(status);
  });

  test.each(entries.filter(({ lists }) => lists))(
    '$route lists only resources of the project',
    async ({ pattern, lists }) => {
      const listed = (tenant: Tenant): string => lists?.(tenant) ?? '';
      const { text } = await ask('GET', history.url + pattern, bearer(one.key));
      expect(text).toContain(listed(one));
      expect(text).not.toContain(listed(other));
      expect((await ask('GET', history.url + pattern, ADMIN)).text).not.toContain(listed(one));
      const afterAllOthers = `${history.url}${pattern}?cursor=ffffffff-ffff-7fff-bfff-ffffffffffff`;
      expect((await ask('GET', afterAllOthers, bearer(other.key))).text).not.toContain(listed(one));
    },
  );

  test('a retention policy is that of the project', async () => {
    const url = `${history.url}/v1/retention`;
    const policy = { keep_tags: [`tag of ${one.id}`] };
    expect((await ask('PUT', url, bearer(one.key), policy)).status).toBe(200);
    expect((await ask('GET', url, bearer(one.key))).text).toContain(one.id);
    for (const headers of [bearer(other.key), ADMIN])
      expect((await ask('GET', url, headers)).text).not.toContain(one.id);
  });

  test('an image with an unsigned, tampered or foreign URL', async () => {
    const bare = one.imageUrl.split('?')[0] ?? '';
    const swapped = bare + new URL(other.imageUrl).search;
    const refused: [string, Record<string, string>][] = [
      [bare, {}],
      [bare, bearer('wrong')],
      [bare, bearer(other.key)],
      [bare, bearer(one.keys.generate)],
      [bare, bearer(one.keys.manage)],
      [bare, ADMIN],
      [swapped, {}],
      [swapped, bearer(one.key)],
      [`${one.imageUrl}x`, bearer(one.key)],
      [`${bare}9`, bearer(one.key)],
    ];
    const responses = await Promise.all(refused.map(([url, headers]) => ask('GET', url, headers)));
    expect(new Set(responses.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(responses[0]).toMatchObject({ status: 404, code: 'not_found' });
    for (const headers of [{}, bearer(other.key), bearer(one.key)])
      expect((await ask('GET', one.imageUrl, headers)).status).toBe(200);
    expect((await ask('GET', bare, bearer(one.keys.read))).status).toBe(200);
  });

  test('an image with an unsigned URL, for the admin key that names its project, and for no other key', async () => {
    const bare = one.imageUrl.split('?')[0] ?? '';
    const read = (query: string, headers: Record<string, string>): Promise<Outcome> =>
      ask('GET', `${bare}?project_id=${query}`, headers);
    for (const named of [one.id, one.id.toUpperCase(), 'all']) expect((await read(named, ADMIN)).status).toBe(200);
    expect((await ask('HEAD', `${bare}?project_id=${one.id}`, ADMIN)).status).toBe(200);
    expect((await read(`${one.id}&width=160`, ADMIN)).status).toBe(200);
    expect(await read(other.id, ADMIN)).toMatchObject({ status: 404, code: 'not_found' });
    // As of any other read: the id of a project is no secret of an image.
    expect(await read('nowhere', ADMIN)).toMatchObject({ status: 400, code: 'invalid_request' });
    expect((await read('00000000-0000-7000-8000-00000000000f', ADMIN)).text).toContain('there is no project');
    expect((await read(`${one.id}&project_id=${one.id}`, ADMIN)).status).toBe(400);
    expect((await read(one.id, bearer(one.keys.read))).status).toBe(200);
    for (const named of [one.id, 'all'])
      expect(await read(named, bearer(other.key))).toMatchObject({ status: 403, code: 'admin_only' });
    // Who may read nothing learns nothing, not even that.
    for (const headers of [{}, bearer('wrong'), bearer(one.keys.generate)])
      expect(await read(one.id, headers)).toMatchObject({ status: 404, code: 'not_found' });
    // A signature is the permission, whatever is named beside it.
    expect((await ask('GET', `${one.imageUrl}&project_id=${other.id}`, {})).status).toBe(200);
    expect((await ask('GET', `${one.imageUrl}x&project_id=${one.id}`, ADMIN)).status).toBe(404);
  });

  test('the same Idempotency-Key in two projects identifies two generations', async () => {
    const send = (tenant: Tenant): ReturnType<typeof generate> =>
      generate(history.url, request, { ...bearer(tenant.key), 'idempotency-key': 'order-1' });
    const [first, second] = [await send(one), await send(other)];
    expect([second.status, second.headers.get('idempotent-replayed')]).toEqual([200, null]);
    expect(second.headers.get('x-generation-id')).not.toBe(first.headers.get('x-generation-id'));
    expect((await send(one)).headers.get('x-generation-id')).toBe(first.headers.get('x-generation-id'));
  });

  test('a retry without a key does not join a generation of another project', async () => {
    const before = history.simulator.totals.calls;
    const slow = { ...request, prompt: '慢 [[simulate delay=800]]' };
    const first = generate(history.url, slow, bearer(one.key));
    await expect.poll(() => history.simulator.totals.calls).toBe(before + 1);
    const foreign = await generate(history.url, slow, { ...bearer(other.key), 'x-stainless-retry-count': '1' });
    expect(foreign.headers.get('idempotent-replayed')).toBeNull();
    expect((await first).headers.get('x-generation-id')).not.toBe(foreign.headers.get('x-generation-id'));
    expect(history.simulator.totals.calls).toBe(before + 2);
  });
});

describe('a page of another site, in a browser that is signed in,', () => {
  const writes = entries.filter(({ method }) => method !== 'GET');
  const sites: readonly Record<string, string>[] = [
    { origin: 'https://elsewhere.example' },
    { origin: 'null' },
    { origin: 'http://localhost:1', 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'cross-site' },
  ];

  async function signIn(key: string): Promise<Record<string, string>> {
    const response = await fetchChecked(`${history.url}/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ api_key: key }),
    });
    return { cookie: response.headers.getSetCookie()[0]?.split(';', 1)[0] ?? '' };
  }

  /** A hash of each table that a request can write. What the service writes by itself, such as when a key was last used, is left out. */
  async function state(): Promise<unknown> {
    const tables = ['generation', 'generation_image', 'generation_tag', 'favorite_image', 'background_job', 'session'];
    const others = ['webhook', 'webhook_delivery', 'retention_policy', 'project'];
    const hashes = [...tables, ...others].map(
      (table) => `(select md5(string_agg(t::text, ' ' order by t::text)) from ${table} as t) as ${table}`,
    );
    return onDatabase(history.testData, `select ${hashes.join(', ')}, (select count(*) from api_key) as api_key`);
  }

  test.each(writes)('changes nothing by $route', async ({ method, pattern, need, path, body, status }) => {
    const session = await signIn(need === 'admin' ? ADMIN_API_KEY : one.key);
    const url = history.url + (path?.(one) ?? plainPath(pattern));
    const before = await state();
    const sent = history.simulator.totals.calls;
    for (const site of sites) {
      const { code } = await ask(method, url, { ...session, ...site }, body);
      expect([site, code]).toEqual([site, need === 'public' ? 'foreign_page' : 'missing_api_key']);
    }
    expect([await state(), history.simulator.totals.calls]).toEqual([before, sent]);
    // The page of the service itself may do it with that session.
    const own = { origin: history.url, 'sec-fetch-site': 'same-origin' };
    expect(
      (await ask(method, history.url + (path?.(one) ?? plainPath(pattern)), { ...session, ...own }, body)).status,
    ).toBe(status);
  });
});

describe('scopes', () => {
  test.each(entries.filter(({ need }) => need === 'public'))('$route needs no key', async (entry) => {
    const { status } = await ask(entry.method, history.url + plainPath(entry.pattern), {}, entry.body);
    expect(status).toBe(entry.status);
  });

  test.each(scoped)('$route accepts $need alone', async ({ method, pattern, need, path, body, status: expected }) => {
    const url = history.url + (path?.(one) ?? plainPath(pattern));
    for (const scope of SCOPES) {
      const { status, code, text } = await ask(method, url, bearer(one.keys[scope]), body);
      if (scope === need) expect(status).toBe(expected);
      else {
        expect([scope, status, code]).toEqual([scope, 403, 'insufficient_scope']);
        expect(text).toContain(`\\"${need}\\"`);
      }
    }
  });

  test.each(keyed.filter(({ need }) => need === 'admin'))('$route accepts the admin key alone', async (entry) => {
    const url = history.url + plainPath(entry.pattern);
    expect(await ask(entry.method, url, bearer(one.key))).toMatchObject({ status: 403, code: 'admin_only' });
    expect((await ask(entry.method, url, ADMIN)).status).toBe(entry.status);
  });

  test.each(keyed.filter(({ need }) => need === 'any key'))('$route accepts a key of any scope', async (entry) => {
    const url = history.url + plainPath(entry.pattern);
    for (const scope of SCOPES)
      expect((await ask(entry.method, url, bearer(one.keys[scope]))).status).toBe(entry.status);
  });

  test('a key of any scope gets 404 for a route that does not exist', async () => {
    expect((await ask('GET', `${history.url}/v1/nothing`, bearer(one.keys.manage))).status).toBe(404);
  });
});
