import type {
  ApiKeyRecord,
  ErrorBody,
  GenerationList,
  GenerationRecord,
  ProjectList,
  ProjectRecord,
} from '@wan-image/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  ADMIN,
  ADMIN_API_KEY,
  bearer,
  createKey,
  createProject,
  expire,
  keyRecord,
  patch,
  post,
} from './support/access.ts';
import { fetchChecked, generate, get } from './support/requests.ts';
import { openHistory, type TestHistory } from './support/test-history.ts';

const request = { model: 'wan2.7-image', prompt: '花', size: '1K' };
const PRICES = { PRICES: 'wan2.7-image=0.20,wan2.7-image-pro=0.50' };
const DEFAULT_PROJECT = '00000000-0000-7000-8000-000000000000';
const NOWHERE = '00000000-0000-7000-8000-00000000000f';

let history: TestHistory & AsyncDisposable;
let url: string;
beforeAll(async () => {
  history = await openHistory({ ADMIN_API_KEY, ...PRICES });
  ({ url } = history);
});
afterAll(() => history[Symbol.asyncDispose]());

const changeKey = (id: string, body: unknown): ReturnType<typeof patch<ApiKeyRecord>> =>
  patch<ApiKeyRecord>(url, `/v1/api-keys/${id}`, body);
const changeProject = (id: string, body: unknown): ReturnType<typeof patch<ProjectRecord>> =>
  patch<ProjectRecord>(url, `/v1/projects/${id}`, body);
const generateAs = (key: string, body: object = request): ReturnType<typeof generate> =>
  generate(url, body, bearer(key));
const listAs = (key: string): Promise<{ readonly status: number; readonly body: Partial<ErrorBody> }> =>
  get<Partial<ErrorBody>>(url, '/v1/generations', bearer(key));

describe('an API key', () => {
  test('keeps what a change does not name', async () => {
    const limits = {
      rate_limit: 60,
      spend_limit: { amount: '5.00', period: 'month' },
      expires_at: '2099-01-01T00:00:00Z',
    };
    const { key: _, ...made } = await createKey(url, { name: 'one', scopes: ['read'], ...limits });
    expect((await changeKey(made.id, {})).body).toEqual(made);
    expect((await changeKey(made.id, { name: ' two ' })).body).toEqual({ ...made, name: 'two' });
    const emptied = { ...made, name: 'two', rate_limit: null, spend_limit: null, expires_at: null };
    expect((await changeKey(made.id, { rate_limit: null, spend_limit: null, expires_at: null })).body).toEqual(emptied);
    expect(await keyRecord(url, made.id)).toEqual(emptied);
  });

  test('gains and loses scopes at once', async () => {
    const { id, key } = await createKey(url, { scopes: ['generate'] });
    expect((await listAs(key)).status).toBe(403);
    expect((await changeKey(id, { scopes: ['read', 'read'] })).body.scopes).toEqual(['read']);
    expect((await listAs(key)).status).toBe(200);
    expect((await generateAs(key)).status).toBe(403);
  });

  test('may spend more after its limit is raised, which counts what was spent before', async () => {
    const { id, key } = await createKey(url, { spend_limit: { amount: '0.20', period: 'month' } });
    expect([(await generateAs(key)).status, (await generateAs(key)).status]).toEqual([200, 402]);
    const { body } = await changeKey(id, { spend_limit: { amount: '0.40' } });
    expect(body.spend_limit).toMatchObject({ amount: '0.40', period: 'month', spent: '0.20' });
    expect([(await generateAs(key)).status, (await generateAs(key)).status]).toEqual([200, 402]);
    await changeKey(id, { spend_limit: { amount: '0.10' } });
    expect((await generateAs(key)).status).toBe(402);
    expect((await changeKey(id, { spend_limit: null })).body.spend_limit).toBeNull();
    expect((await generateAs(key)).status).toBe(200);
  });

  test('gets a spend limit later, which counts from then on', async () => {
    const { id, key } = await createKey(url);
    expect((await generateAs(key)).status).toBe(200);
    const lacking = await changeKey(id, { spend_limit: { amount: '0.20' } });
    expect([lacking.status, lacking.body.error.param]).toEqual([400, 'spend_limit.period']);
    expect((await keyRecord(url, id)).spend_limit).toBeNull();
    await changeKey(id, { spend_limit: { amount: '0.20', period: 'total' } });
    expect([(await generateAs(key)).status, (await generateAs(key)).status]).toEqual([200, 402]);
  });

  test('has a whole minute’s quota after its rate limit is changed', async () => {
    const { id, key } = await createKey(url, { rate_limit: 1 });
    expect([(await generateAs(key)).status, (await generateAs(key)).status]).toEqual([200, 429]);
    await changeKey(id, { rate_limit: 2 });
    expect([(await generateAs(key)).status, (await generateAs(key)).status]).toEqual([200, 200]);
    // The same limit again gives no quota away.
    await changeKey(id, { rate_limit: 2, name: 'same' });
    expect((await generateAs(key)).status).toBe(429);
  });

  test('expires at its new time', async () => {
    const { id, key } = await createKey(url);
    const { body } = await changeKey(id, { expires_at: '2099-01-01T08:00:00+08:00' });
    expect(body.expires_at).toBe('2099-01-01T00:00:00.000Z');
    expect((await listAs(key)).status).toBe(200);
    await expire(history, id);
    expect((await listAs(key)).body.error?.code).toBe('expired_api_key');
    await changeKey(id, { expires_at: null });
    expect((await listAs(key)).status).toBe(200);
  });

  test('is refused and left out of lists while it is archived, and a revoked one stays revoked', async () => {
    const { id: project } = await createProject(url, 'archive of keys');
    const { id, key } = await createKey(url, { project_id: project });
    const listed = async (query = ''): Promise<string[]> => {
      const { body } = await get<{ data: ApiKeyRecord[] }>(url, `/v1/api-keys?project_id=${project}${query}`, ADMIN);
      return body.data.map((one) => one.id);
    };
    const first = await changeKey(id, { archived: true });
    expect(first.body.archived_at).not.toBeNull();
    expect((await changeKey(id, { archived: true })).body).toEqual(first.body);
    expect((await listAs(key)).body.error?.code).toBe('archived_api_key');
    expect([await listed(), await listed('&archived=true')]).toEqual([[], [id]]);
    expect((await changeKey(id, { archived: false })).body.archived_at).toBeNull();
    expect([(await listAs(key)).status, await listed()]).toEqual([200, [id]]);
    await fetchChecked(`${url}/v1/api-keys/${id}`, { method: 'DELETE', headers: ADMIN });
    await changeKey(id, { archived: false, expires_at: '2099-01-01T00:00:00Z' });
    expect((await listAs(key)).body.error?.code).toBe('revoked_api_key');
  });

  test.each([
    [{ name: null }, 'name'],
    [{ scopes: [] }, 'scopes'],
    [{ scopes: null }, 'scopes'],
    [{ rate_limit: 0 }, 'rate_limit'],
    [{ spend_limit: { amount: '1', period: 'week' } }, 'spend_limit.period'],
    [{ spend_limit: { amount: null } }, 'spend_limit.amount'],
    [{ spend_limit: { amount: '1', currency: 'USD' } }, 'spend_limit.currency'],
    [{ expires_at: '2020-01-01T00:00:00Z' }, 'expires_at'],
    [{ archived: 'yes' }, 'archived'],
    [{ project_id: DEFAULT_PROJECT }, 'project_id'],
    [{ key: 'wan_x' }, 'key'],
    [[], null],
  ])('rejects %j', async (body, param) => {
    const { key: _, ...made } = await createKey(url);
    const { status, body: refused } = await changeKey(made.id, body);
    expect([status, refused.error.param]).toEqual([400, param]);
    expect(await keyRecord(url, made.id)).toEqual(made);
  });

  test('that does not exist is 404', async () => {
    expect((await changeKey(NOWHERE, { name: 'x' })).status).toBe(404);
  });
});

test('without prices a spend limit is refused', async () => {
  await using other = await openHistory({ ADMIN_API_KEY });
  const { id } = await createKey(other.url);
  const { status, body } = await patch(other.url, `/v1/api-keys/${id}`, {
    spend_limit: { amount: '1.00', period: 'day' },
  });
  expect([status, body.error.param]).toEqual([400, 'spend_limit']);
});

describe('a project', () => {
  test('is renamed, unless another has the name', async () => {
    const [one, other] = [await createProject(url, 'first name'), await createProject(url, 'other name')];
    expect((await changeProject(one.id, { name: ' new name ' })).body).toEqual({ ...one, name: 'new name' });
    const refused = await changeProject(one.id, { name: other.name });
    expect([refused.status, refused.body.error.code, refused.body.error.param]).toEqual([409, 'name_taken', 'name']);
    expect((await changeProject(one.id, { name: 'new name' })).status).toBe(200);
    expect((await changeProject(one.id, {})).body.name).toBe('new name');
  });

  test('refuses its keys and is left out of lists while it is archived; its records and images stay', async () => {
    const { id } = await createProject(url, 'to be archived');
    const { key } = await createKey(url, { project_id: id });
    const image = (await generateAs(key)).body.data[0]?.url ?? '';
    const listed = async (query: string): Promise<boolean> =>
      (await get<ProjectList>(url, `/v1/projects?limit=100${query}`, ADMIN)).body.data.some((one) => one.id === id);
    const { body } = await changeProject(id, { archived: true });
    expect(body.archived_at).not.toBeNull();
    expect((await listAs(key)).body.error?.code).toBe('archived_project');
    expect((await generateAs(key)).status).toBe(401);
    expect([await listed(''), await listed('&archived=true'), await listed('&archived=false')]).toEqual([
      false,
      true,
      false,
    ]);
    const refused = await post(url, '/v1/api-keys', { name: 'late', project_id: id });
    expect([refused.status, refused.body.error.param]).toEqual([400, 'project_id']);
    expect((await fetchChecked(image)).status).toBe(200);
    expect((await get<GenerationList>(url, `/v1/generations?project_id=${id}`, ADMIN)).body.data).toHaveLength(1);
    expect((await changeProject(id, { archived: false })).body.archived_at).toBeNull();
    expect([(await listAs(key)).status, await listed('')]).toEqual([200, true]);
  });

  test.each([
    [{ name: '' }, 'name'],
    [{ name: null }, 'name'],
    [{ archived: null }, 'archived'],
    [{ color: 'red' }, 'color'],
  ])('rejects %j', async (body, param) => {
    const { id } = await createProject(url, `rejects ${JSON.stringify(body)}`);
    const { status, body: refused } = await changeProject(id, body);
    expect([status, refused.error.param]).toEqual([400, param]);
  });

  test('that is the default one cannot be archived', async () => {
    const { status, body } = await changeProject(DEFAULT_PROJECT, { archived: true });
    expect([status, body.error.param]).toEqual([400, 'archived']);
    expect((await changeProject(NOWHERE, { archived: true })).status).toBe(404);
  });

  test.each(['/v1/projects', '/v1/api-keys'])('%s refuses another value of archived', async (path) => {
    const { status, body } = await get<ErrorBody>(url, `${path}?archived=1`, ADMIN);
    expect([status, body.error.param]).toEqual([400, 'archived']);
  });
});

describe('project_id of a read', () => {
  let project: ProjectRecord;
  let key: string;
  let id: string;
  beforeAll(async () => {
    project = await createProject(url, 'read by the admin');
    ({ key } = await createKey(url, { project_id: project.id }));
    id = (await generateAs(key)).headers.get('x-generation-id') ?? '';
    await generate(url, request, ADMIN);
  });
  const idsOf = async (query: string, headers = ADMIN): Promise<string[]> =>
    (await get<GenerationList>(url, `/v1/generations?limit=100${query}`, headers)).body.data.map((one) => one.id);

  test('lets the admin key read any project, and all', async () => {
    expect(await idsOf('')).not.toContain(id);
    expect(await idsOf(`&project_id=${project.id.toUpperCase()}`)).toEqual([id]);
    const all = await idsOf('&project_id=all');
    expect(all).toContain(id);
    expect(all).toEqual(expect.arrayContaining(await idsOf('')));
    for (const path of [`/v1/generations/${id}`, `/v1/generations/${id}/events`]) {
      expect((await fetchChecked(url + path, { headers: ADMIN })).status).toBe(404);
      for (const choice of [project.id, 'all'])
        expect((await fetchChecked(`${url}${path}?project_id=${choice}`, { headers: ADMIN })).status).toBe(200);
      expect((await fetchChecked(`${url}${path}?project_id=${DEFAULT_PROJECT}`, { headers: ADMIN })).status).toBe(404);
    }
    const { body } = await get<GenerationRecord>(url, `/v1/generations/${id}?wait=1&project_id=all`, ADMIN);
    expect(body.id).toBe(id);
  });

  test('of a key is its own project, and no other', async () => {
    expect(await idsOf(`&project_id=${project.id}`, bearer(key))).toEqual([id]);
    const refusals = await Promise.all(
      [DEFAULT_PROJECT, NOWHERE, 'all'].map((choice) =>
        get<ErrorBody>(url, `/v1/generations?project_id=${choice}`, bearer(key)),
      ),
    );
    expect(refusals.map(({ status, body }) => [status, body.error.code])).toEqual(
      refusals.map(() => [403, 'admin_only']),
    );
    // In the same words, whether there is such a project or not.
    expect(new Set(refusals.map(({ body }) => body.error.message)).size).toBe(1);
  });

  test.each(['nonsense', '', 'ALL', `${DEFAULT_PROJECT}&project_id=all`, NOWHERE])('rejects %j', async (choice) => {
    const { status, body } = await get<ErrorBody>(url, `/v1/generations?project_id=${choice}`, ADMIN);
    expect([status, body.error.param]).toEqual([400, 'project_id']);
  });

  test('names no project to write to', async () => {
    for (const action of ['cancel', 'resolve']) {
      const path = `/v1/generations/${id}/${action}?project_id=all`;
      expect((await post(url, path, action === 'resolve' ? { outcome: 'billed' } : {})).status).toBe(404);
    }
    const before = await idsOf(`&project_id=${project.id}`);
    await post(url, `/v1/images/generations?project_id=${project.id}`, request);
    expect(await idsOf(`&project_id=${project.id}`)).toEqual(before);
  });

  test('without an admin key there is one project', async () => {
    await using open = await openHistory();
    const one = await get<ErrorBody>(open.url, '/v1/generations?project_id=all');
    expect([one.status, one.body.error.code]).toEqual([403, 'admin_only']);
    expect((await get(open.url, `/v1/generations?project_id=${DEFAULT_PROJECT}`)).status).toBe(200);
  });
});
