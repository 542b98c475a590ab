import {
  FILTER_NAMES,
  type BackgroundJob,
  type BulkResult,
  type ErrorBody,
  type GenerationRecord,
  type Lineage,
} from '@wan-image/core';
import { encodeImage } from '@wan-image/testing/images';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openServiceDatabase } from '../src/boot/open-database.ts';
import { readConfig } from '../src/config/config.ts';
import { DEFAULT_PROJECT_ID } from '../src/domain/project-id.ts';
import { ADMIN, ADMIN_API_KEY, bearer, createKey, createProject } from './support/access.ts';
import { onDatabase } from './support/on-database.ts';
import { fetchChecked, generate, get } from './support/requests.ts';
import { recordPrompts } from './support/search-corpus.ts';
import { openHistory, openTestData, runHistory, type TestHistory } from './support/test-history.ts';

/** What a hostile or careless client sends to the routes of the library. Nothing is ever a 500, and each 400 names what is wrong. */

const BODY = { model: 'wan2.7-image', prompt: '一间花店', size: '768x768', thinking_mode: false };
const NOWHERE = '01932d5e-0000-7000-8000-000000000000';

let history: TestHistory & AsyncDisposable;
beforeAll(async () => {
  history = await openHistory({ ADMIN_API_KEY });
});
afterAll(() => history[Symbol.asyncDispose]());

interface Sent<T> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T & ErrorBody;
}

/** A string body is sent unchanged. */
async function send<T = object>(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = ADMIN,
): Promise<Sent<T>> {
  const response = await fetchChecked(history.url + path, {
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') === true;
  return {
    status: response.status,
    headers: response.headers,
    body: (isJson ? JSON.parse(text) : text) as T & ErrorBody,
  };
}

async function made(body: object = {}, headers: Record<string, string> = {}): Promise<string> {
  const { headers: received } = await generate(history.url, { ...BODY, ...body }, { ...ADMIN, ...headers });
  return received.get('x-generation-id') ?? '';
}

const record = async (id: string): Promise<GenerationRecord> =>
  (await get<GenerationRecord>(history.url, `/v1/generations/${id}`, ADMIN)).body;

const calls = (): number => history.simulator.totals.calls;

/** As they stand in a URL; the last ones are no UTF-8, such as half of a surrogate pair. */
const TEXTS = [
  '',
  '%20',
  '%00',
  'a%00b',
  'x'.repeat(3000),
  encodeURIComponent('🐱'.repeat(201)),
  encodeURIComponent(`' or 1=1 --`),
  '-1',
  '1.5',
  '1e999',
  '99999999999999999999',
  'true',
  'false',
  'null',
  'NaN',
  '%5B%5D',
  'Infinity',
  '9999-12-31T23:59:59.999Z',
  '0000-01-01',
  '2026-02-30',
  '%EF%BC%91',
  '%ED%A0%80',
  '%FF',
  '%',
];

/** These may be any text. */
const FREE = new Set(['q', 'model', 'source', 'tag', 'user', 'metadata']);

describe('a list', () => {
  const names = [...FILTER_NAMES, 'limit', 'cursor', 'order', 'count', 'project_id'];
  const parameterOf = (name: string): string => (name === 'metadata' ? 'metadata[key]' : name);
  test.each(names)('says what is wrong with %s', async (name) => {
    for (const route of ['generations', 'images'])
      for (const text of TEXTS) {
        const { status, body } = await send('GET', `/v1/${route}?${parameterOf(name)}=${text}`);
        const sent = `${route} ${name}=${text.slice(0, 50)}: ${JSON.stringify(body).slice(0, 300)}`;
        expect([200, 400], `of ${sent}`).toContain(status);
        if (status === 400) expect(`${body.error.param} ${body.error.message}`, `of ${sent}`).toContain(name);
        else if (name === 'favorite' || name === 'deleted') expect(text, `of ${sent}`).toBe('true');
        else if (!FREE.has(name)) expect(text, `of ${sent}`).toMatch(/^(true|false|9999-12-31T23:59:59.999Z)$/);
      }
    const twice = await send('GET', `/v1/generations?${parameterOf(name)}=1&${parameterOf(name)}=2`);
    expect([200, 400]).toContain(twice.status);
    if (twice.status === 400) expect(`${twice.body.error.param} ${twice.body.error.message}`).toContain(name);
  });

  test.each([
    ['metadata=1', 'metadata'],
    ['metadata[]=1', 'metadata[]'],
    ['metadata[__proto__]=1', 'metadata[__proto__]'],
    ['__proto__=1', '__proto__'],
    ['constructor=1', 'constructor'],
    ['Q=1', 'Q'],
    ['page=2', 'page'],
    ['q[]=1', 'q[]'],
    [`${'n'.repeat(500)}=1`, 'n'.repeat(60)],
    [Array.from({ length: 17 }, (_, index) => `metadata[k${index}]=1`).join('&'), 'metadata'],
    [Array.from({ length: 33 }, (_, index) => `tag=t${index}`).join('&'), 'tag'],
    [Array.from({ length: 101 }, (_, index) => `model=m${index}`).join('&'), 'model'],
    [`q=${Array.from({ length: 11 }, (_, index) => `w${index}`).join('+')}`, 'q'],
    [`q=${'x'.repeat(201)}`, 'q'],
    ['q=x&order=asc', 'order'],
    ['limit=101', 'limit'],
    ['image_sha256=00', 'image_sha256'],
    ['size=2048*2048', 'size[0]'],
    ['created_after=yesterday', 'created_after'],
  ])('refuses ?%s and names it', async (query, param) => {
    const { status, body } = await send('GET', `/v1/generations?${query}`);
    expect([status, body.error.param]).toEqual([400, param]);
  });

  test('takes up to 1,000 images of a page, and a search of ignored words as none', async () => {
    expect((await send('GET', '/v1/images?limit=1000')).status).toBe(200);
    expect((await send('GET', '/v1/images?limit=1001')).body.error.param).toBe('limit');
    expect((await send('GET', `/v1/generations?order=asc&q=${encodeURIComponent('，。 "" !')}`)).status).toBe(200);
  });

  test('finds a tag however it is composed', async () => {
    const id = await made();
    await send('PATCH', `/v1/generations/${id}`, { tags: ['caf\u00e9 rouge'] });
    const { body } = await send<{ data: { id: string }[] }>(
      'GET',
      `/v1/generations?tag=${encodeURIComponent(' cafe\u0301 rouge')}`,
    );
    expect(body.data.map((one) => one.id)).toEqual([id]);
  });

  test('refuses a cursor of another list, and one that was changed', async () => {
    for (let index = 0; index < 3; index++) await made({ n: 2 });
    const first = await send<{ next_cursor: string }>('GET', '/v1/images?limit=1');
    const cursor = first.body.next_cursor;
    expect((await send('GET', `/v1/images?limit=2&cursor=${cursor}`)).status).toBe(200);
    for (const query of ['order=asc&', 'favorite=true&', 'project_id=all&'])
      expect((await send('GET', `/v1/images?${query}cursor=${cursor}`)).body.error.param).toBe('cursor');
    expect((await send('GET', `/v1/generations?cursor=${cursor}`)).body.error.param).toBe('cursor');
    const bytes = Buffer.from(cursor, 'base64url');
    const changed = (change: (copy: Buffer) => unknown): string => {
      const copy = Buffer.from(bytes);
      change(copy);
      return copy.toString('base64url');
    };
    for (const wrong of [
      changed((copy) => copy.writeUInt16BE(65_535, 17)),
      changed((copy) => copy.fill(0xff, 1, 17)),
      changed((copy) => copy.writeUInt8(9, 0)),
      changed((copy) => copy.writeUInt8(1, copy.length - 1)),
      cursor.slice(1),
      'AAAA',
    ]) {
      const { status, body } = await send('GET', `/v1/images?cursor=${wrong}`);
      expect([status, body.error.param]).toEqual([400, 'cursor']);
    }
    // Of another place in the same list: no harm in that.
    expect((await send('GET', `/v1/images?cursor=${changed((copy) => copy.fill(0, 1, 17))}`)).status).toBe(200);
  });
});

const VALUES: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  1e300,
  '',
  ' ',
  '\0',
  'a\ud800b',
  'x'.repeat(20_000),
  [],
  {},
  [null],
  [1],
  [[]],
  [''],
  ['\0'],
  ['\udc00'],
  ['x'.repeat(65)],
  Array.from({ length: 1_001 }, () => 'x'),
  { length: 3 },
];

describe('a body', () => {
  let target = '';
  beforeAll(async () => {
    target = await made();
  });
  const ids = (): Record<string, unknown> => ({ ids: [NOWHERE], action: 'update', add_tags: ['a'] });
  const filtered = (): Record<string, unknown> => ({ filter: { id: [NOWHERE] }, action: 'delete', dry_run: true });
  const bodies: [method: string, path: string, base: () => Record<string, unknown>, names: readonly string[]][] = [
    ['PATCH', '/v1/generations/{id}', () => ({}), ['tags', 'note']],
    ['PATCH', '/v1/images/{id}-0', () => ({}), ['favorite']],
    [
      'POST',
      '/v1/generations/bulk',
      ids,
      ['ids', 'image_ids', 'action', 'add_tags', 'remove_tags', 'note', 'favorite', 'dry_run'],
    ],
    ['POST', '/v1/generations/bulk', filtered, ['filter', 'all']],
    ['POST', '/v1/generations/{id}/rerun', () => ({}), ['prompt', 'n', 'user']],
  ];
  const rows = bodies.flatMap(([method, path, base, names]) => names.map((name) => ({ method, path, base, name })));

  test.each(rows)('of $method $path says what is wrong with $name', async ({ method, path, base, name }) => {
    for (const value of VALUES) {
      const sent = JSON.stringify({ [name]: value }).slice(0, 80);
      const { status, body } = await send(method, path.replace('{id}', target), { ...base(), [name]: value });
      expect([200, 202, 400], `${sent}: ${JSON.stringify(body).slice(0, 300)}`).toContain(status);
      if (status === 400) expect(`${body.error.param} ${body.error.message}`, `of ${sent}`).toContain(name);
    }
  });

  test.each(FILTER_NAMES)('of a bulk change says what is wrong with the filter’s %s', async (name) => {
    for (const value of VALUES) {
      const sent = JSON.stringify({ [name]: value }).slice(0, 80);
      const change = { filter: { id: [NOWHERE], [name]: value }, action: 'delete', dry_run: true };
      const { status, body } = await send('POST', '/v1/generations/bulk', change);
      expect([200, 400], `${sent}: ${JSON.stringify(body).slice(0, 300)}`).toContain(status);
      if (status === 400) expect(`${body.error.param} ${body.error.message}`, `of ${sent}`).toContain(name);
    }
  });

  test.each([
    '',
    'null',
    '[]',
    '"text"',
    '{',
    '{"note": "a",}',
    `${'['.repeat(5_000)}${']'.repeat(5_000)}`,
    '{"__proto__": {"note": "x"}}',
    '{"constructor": {"prototype": {"note": "x"}}}',
    '{"unknown": 1}',
  ])('that is %.50s is refused', async (text) => {
    for (const [method, path] of [
      ['PATCH', `/v1/generations/${target}`],
      ['PATCH', `/v1/images/${target}-0`],
      ['POST', '/v1/generations/bulk'],
    ] as const) {
      const { status, body } = await send(method, path, text);
      expect(status, `${method} ${path}`).toBe(400);
      expect(body.error.message.length).toBeLessThan(2_000);
    }
  });

  test('of another type is refused, and one of more than a megabyte', async () => {
    const id = await made();
    const asText = await send('PATCH', `/v1/generations/${id}`, '{"note":"x"}', {
      ...ADMIN,
      'content-type': 'text/plain',
    });
    expect(asText.status).toBe(415);
    expect((await send('PATCH', `/v1/generations/${id}`, { note: 'x'.repeat(1_100_000) })).status).toBe(413);
    expect((await record(id)).note).toBeNull();
  });

  test('is a merge patch: of a repeated field the last one counts, and null empties', async () => {
    const id = await made();
    const path = `/v1/generations/${id}`;
    await send('PATCH', path, '{"note": "a", "note": "b"}');
    expect(await record(id)).toMatchObject({ note: 'b', tags: [] });
    await send('PATCH', path, { tags: ['x', 'x', ' x '] });
    expect(await record(id)).toMatchObject({ note: 'b', tags: ['x'] });
    expect((await send('PATCH', path, { tags: [] })).body).toMatchObject({ note: 'b', tags: [] });
    const longest = {
      note: '🐱'.repeat(10_000),
      tags: Array.from({ length: 32 }, (_, at) => `${at} ${'🐱'.repeat(16)}`),
    };
    expect((await send('PATCH', path, longest)).status).toBe(200);
    expect(
      (await send('POST', '/v1/generations/bulk', { ids: [id], action: 'update', add_tags: ['one more'] })).body,
    ).toMatchObject({ matched: 1, changed: 0 });
  });
});

test('a query parameter that a route does not have is refused, by its name', async () => {
  const id = await made();
  for (const [method, path, body] of [
    ['GET', `/v1/images/${id}-0`],
    ['GET', `/v1/generations/${id}/lineage`],
    ['GET', '/v1/tags'],
    ['GET', '/v1/jobs'],
    ['GET', `/v1/jobs/${NOWHERE}`],
    ['PATCH', `/v1/generations/${id}`, { note: 'x' }],
    ['PATCH', `/v1/images/${id}-0`, { favorite: true }],
    ['DELETE', `/v1/generations/${id}`],
    ['DELETE', `/v1/images/${id}-0`],
    ['POST', `/v1/generations/${id}/restore`, {}],
    ['POST', `/v1/images/${id}-0/restore`, {}],
    ['POST', '/v1/generations/bulk', { ids: [id], action: 'purge' }],
    ['POST', `/v1/jobs/${NOWHERE}/cancel`, {}],
  ] as const) {
    const { status, body: received } = await send(method, `${path}?mystery=1`, body);
    expect([status, received.error.param], `${method} ${path}`).toEqual([400, 'mystery']);
  }
  expect(await record(id)).toMatchObject({ note: null, deleted_at: null });
});

describe('an id', () => {
  test('in upper case is the same one', async () => {
    const id = await made({ n: 2 });
    const upper = id.toUpperCase();
    expect((await send<GenerationRecord>('PATCH', `/v1/generations/${upper}`, { note: 'upper' })).body.id).toBe(id);
    expect((await send('PATCH', `/v1/images/${upper}-1`, { favorite: true })).body).toMatchObject({ favorite: true });
    expect((await send('GET', `/v1/images/${upper}-1`)).body).toMatchObject({ id: `${id}-1` });
    const bulk = { ids: [id, upper], action: 'update', add_tags: ['upper'] };
    expect((await send('POST', '/v1/generations/bulk', bulk)).body).toMatchObject({ matched: 1, changed: 1 });
    const images = { image_ids: [`${id}-1`, `${upper}-1`], action: 'delete' };
    expect((await send('POST', '/v1/generations/bulk', images)).body).toMatchObject({ matched: 1, changed: 1 });
    expect((await send('POST', `/v1/generations/${upper}/rerun`)).status).toBe(200);
    expect((await send<Lineage>('GET', `/v1/generations/${upper}/lineage`)).body.nodes[0]?.id).toBe(id);
  });

  test('that is none, or of an input, is a 404 like what never existed', async () => {
    const png = await encodeImage({ format: 'png', width: 256, height: 256 });
    const id = await made({ image: `data:image/png;base64,${png.toString('base64')}` });
    expect((await record(id)).input_images).toHaveLength(1);
    for (const imageId of [
      `${id}-input-0`,
      `${id}-00`,
      `${id}-9`,
      `${id}-100`,
      `${id}--1`,
      id,
      'x',
      '%00',
      `${id}-%EF%BC%90`,
    ])
      for (const [method, path, body] of [
        ['GET', `/v1/images/${imageId}`],
        ['PATCH', `/v1/images/${imageId}`, { favorite: true }],
        ['DELETE', `/v1/images/${imageId}`],
        ['POST', `/v1/images/${imageId}/restore`, {}],
      ] as const) {
        const { status, body: received } = await send(method, path, body);
        expect([status, received.error.code], `${method} ${path}`).toEqual([404, 'not_found']);
      }
    for (const wrong of ['x', '%00', `${id}x`, NOWHERE])
      for (const [method, path, body] of [
        ['PATCH', `/v1/generations/${wrong}`, { note: 'x' }],
        ['DELETE', `/v1/generations/${wrong}`],
        ['POST', `/v1/generations/${wrong}/restore`, {}],
        ['POST', `/v1/generations/${wrong}/rerun`],
        ['GET', `/v1/generations/${wrong}/lineage`],
        ['GET', `/v1/jobs/${wrong}`],
        ['POST', `/v1/jobs/${wrong}/cancel`, {}],
      ] as const)
        expect((await send(method, path, body)).status, `${method} ${path}`).toBe(404);
    const inputs = { image_ids: [`${id}-input-0`], action: 'delete' };
    expect((await send('POST', '/v1/generations/bulk', inputs)).body.error.param).toBe('image_ids[0]');
  });
});

describe('a deletion', () => {
  test('is the same the second time; what was deleted for good is gone', async () => {
    const id = await made({ n: 2 });
    const image = `/v1/images/${id}-1`;
    for (let time = 0; time < 2; time++) expect((await send('DELETE', image)).status).toBe(204);
    expect((await send('POST', `${image}/restore`, {})).status).toBe(200);
    expect((await send('DELETE', `${image}?purge=true`)).status).toBe(204);
    for (const [method, path, body] of [
      ['DELETE', image],
      ['DELETE', `${image}?purge=true`],
      ['POST', `${image}/restore`, {}],
      ['PATCH', image, { favorite: true }],
    ] as const)
      expect((await send(method, path, body)).status, `${method} ${path}`).toBe(404);
    expect((await send('GET', image)).body).toMatchObject({ state: 'deleted', favorite: false, sha256: null });
    const bulk = { image_ids: [`${id}-0`, `${id}-1`], action: 'restore' };
    expect((await send('POST', '/v1/generations/bulk', { ...bulk, dry_run: true })).body).toMatchObject({ matched: 1 });
    expect((await send('POST', '/v1/generations/bulk', bulk)).body).toMatchObject({ matched: 1, changed: 0 });

    const path = `/v1/generations/${id}`;
    for (let time = 0; time < 2; time++) expect((await send('DELETE', path)).status).toBe(204);
    expect((await send('DELETE', `${path}?purge=true`)).status).toBe(204);
    for (const [method, gone, body] of [
      ['DELETE', path],
      ['DELETE', `${path}?purge=true`],
      ['POST', `${path}/restore`, {}],
      ['PATCH', path, { note: 'x' }],
      ['GET', path],
      ['GET', `${path}/lineage`],
      ['POST', `${path}/rerun`],
      ['GET', `/v1/images/${id}-0`],
    ] as const)
      expect((await send(method, gone, body)).status, `${method} ${gone}`).toBe(404);
  });

  test.each(['purge=yes', 'purge=1', 'purge=', 'purge=true&purge=true', 'force=true'])(
    'with ?%s is refused',
    async (query) => {
      const id = await made();
      for (const path of [`/v1/generations/${id}`, `/v1/images/${id}-0`]) {
        const { status, body } = await send('DELETE', `${path}?${query}`);
        expect([status, body.error.param]).toEqual([400, query.split('=')[0]]);
      }
      expect((await record(id)).deleted_at).toBeNull();
    },
  );

  test('of one image hides it from being an input too', async () => {
    const id = await made();
    const url = (await record(id)).images[0]?.url ?? '';
    await send('DELETE', `/v1/images/${id}-0`);
    const before = calls();
    const { status, body } = await generate(history.url, { ...BODY, image: url }, ADMIN);
    expect([status, body.error.param, calls()]).toEqual([400, 'image', before]);
    await send('POST', `/v1/images/${id}-0/restore`, {});
    expect((await generate(history.url, { ...BODY, image: url }, ADMIN)).status).toBe(200);
  });
});

describe('a bulk change', () => {
  test('of 1,001 ids is refused, of 1,000 not', async () => {
    const ids = Array.from({ length: 1_001 }, () => uuidv7());
    const change = (count: number): object => ({ ids: ids.slice(0, count), action: 'delete' });
    expect((await send('POST', '/v1/generations/bulk', change(1_001))).body.error).toMatchObject({
      param: 'ids',
      message: expect.stringContaining('1000') as string,
    });
    expect((await send('POST', '/v1/generations/bulk', change(1_000))).body).toMatchObject({ matched: 0, changed: 0 });
    const images = { image_ids: ids.map((id) => `${id}-0`), action: 'delete' };
    expect((await send('POST', '/v1/generations/bulk', images)).body.error.param).toBe('image_ids');
  });

  test('over a filter that selects nothing is a job that has done nothing', async () => {
    const change = { filter: { tag: ['no such tag'] }, action: 'purge' };
    const { status, headers, body } = await send<BackgroundJob>('POST', '/v1/generations/bulk', change);
    expect([status, headers.get('location')]).toEqual([202, `/v1/jobs/${body.id}`]);
    await expect
      .poll(async () => (await send<BackgroundJob>('GET', `/v1/jobs/${body.id}`)).body)
      .toMatchObject({ state: 'succeeded', done: 0, total: 0, result: { matched: 0, changed: 0, skipped: 0 } });
    expect((await send('POST', `/v1/jobs/${body.id}/cancel`, {})).body.error.code).toBe('already_ended');
  });

  test.each<[object]>([[{ q: '，。！' }], [{ q: '""' }], [{ metadata: {} }], [{ q: ' ', metadata: {} }]])(
    'over %j, which selects everything, needs to be confirmed',
    async (filter) => {
      const { status, body } = await send('POST', '/v1/generations/bulk', { filter, action: 'purge' });
      expect([status, body.error.param]).toEqual([400, 'all']);
    },
  );

  describe('with an Idempotency-Key', () => {
    const bulk = <T>(key: string, body: object): Promise<Sent<T>> =>
      send<T>('POST', '/v1/generations/bulk', body, { ...ADMIN, 'idempotency-key': key });
    const isReplay = ({ headers }: Sent<unknown>): boolean => headers.get('idempotent-replayed') === 'true';

    test('is carried out once, and gets the same response again, also two at a time', async () => {
      const ids = [await made(), await made()];
      const key = uuidv7();
      const change = { ids, action: 'update', add_tags: ['once'] };
      const both = await Promise.all([bulk<BulkResult>(key, change), bulk<BulkResult>(key, change)]);
      await send('PATCH', `/v1/generations/${ids[0]}`, { tags: [] });
      // The same request, written otherwise.
      const third = await bulk<BulkResult>(key, { action: 'update', add_tags: [' once '], ids });
      for (const { status, body } of [...both, third])
        expect([status, body]).toEqual([200, { object: 'bulk_result', matched: 2, changed: 2 }]);
      expect([...both, third].filter(isReplay)).toHaveLength(2);
      expect((await record(ids[0] ?? '')).tags).toEqual([]);
    });

    test.each([
      ['generations', () => ({ ids: [] as string[], action: 'delete' })],
      ['images', () => ({ image_ids: [] as string[], action: 'delete' })],
    ])('of %s changes nothing that was changed since', async (_what, changeOf) => {
      const id = await made();
      const change = changeOf();
      if ('ids' in change) change.ids.push(id);
      else change.image_ids.push(`${id}-0`);
      const key = uuidv7();
      expect((await bulk(key, change)).body).toMatchObject({ matched: 1, changed: 1 });
      await bulk(uuidv7(), { ...change, action: 'restore' });
      expect((await bulk(key, change)).body).toMatchObject({ matched: 1, changed: 1 });
      const { deleted_at, images } = await record(id);
      expect([deleted_at, images[0]?.deleted_at]).toEqual([null, null]);
    });

    test('over a filter is one job', async () => {
      const key = uuidv7();
      const change = { filter: { tag: ['no such tag'] }, action: 'delete' };
      const [first, second] = [await bulk<BackgroundJob>(key, change), await bulk<BackgroundJob>(key, change)];
      expect([second.status, isReplay(second), second.body.id]).toEqual([202, true, first.body.id]);
      expect(second.headers.get('location')).toBe(`/v1/jobs/${first.body.id}`);
      await expect
        .poll(async () => (await send<BackgroundJob>('GET', `/v1/jobs/${first.body.id}`)).body.state)
        .toBe('succeeded');
    });

    test('refuses another request, and releases the key of one that was refused', async () => {
      const key = uuidv7();
      const change = { ids: [await made()], action: 'delete' };
      expect((await bulk(key, { ...change, ids: [] })).status).toBe(400);
      await bulk(key, change);
      const other = await bulk(key, { ...change, action: 'purge' });
      expect([other.status, other.body.error.code, other.body.error.param]).toEqual([
        422,
        'idempotency_key_reuse',
        'Idempotency-Key',
      ]);
      expect((await bulk('a b', change)).body.error.param).toBe('Idempotency-Key');
      // It only counts.
      expect((await bulk(key, { ...change, dry_run: true })).body).toMatchObject({ matched: 1, changed: 0 });
    });

    test('is recognized for a day, and by its project alone', async () => {
      const key = uuidv7();
      const change = { filter: { tag: ['no such tag'] }, action: 'delete' };
      const first = await bulk<BackgroundJob>(key, change);
      const { id: project } = await createProject(history.url, 'of keys');
      const other = await createKey(history.url, { project_id: project, scopes: ['manage'] });
      const headers = { ...bearer(other.key), 'idempotency-key': key };
      expect(isReplay(await send('POST', '/v1/generations/bulk', change, headers))).toBe(false);
      const age = (time: string): Promise<unknown> =>
        onDatabase(
          history.testData,
          `update recorded_request set created_at = now() - interval '${time}' where key = '${key}'`,
        );
      await age('23 hours 59 minutes');
      expect((await bulk<BackgroundJob>(key, change)).body.id).toBe(first.body.id);
      await age('24 hours 1 minute');
      expect((await bulk<BackgroundJob>(key, change)).body.id).not.toBe(first.body.id);
    });
  });

  test('counts what it has changed: not what was so already, nor what would have too many tags', async () => {
    const [one, other] = [await made(), await made()];
    await send('PATCH', `/v1/generations/${one}`, { tags: ['here'], note: '一' });
    const change = (body: object): Promise<Sent<BulkResult>> =>
      send('POST', '/v1/generations/bulk', { ids: [one, other], action: 'update', ...body });
    const counted = async (body: object): Promise<unknown> => (await change(body)).body;
    const changed = (count: number): BulkResult => ({ object: 'bulk_result', matched: 2, changed: count });
    expect(await counted({ add_tags: ['here'] })).toEqual(changed(1));
    expect(await counted({ add_tags: ['here'] })).toEqual(changed(0));
    expect(await counted({ note: '一' })).toEqual(changed(1));
    expect(await counted({ remove_tags: ['nowhere'] })).toEqual(changed(0));
    await send('PATCH', `/v1/generations/${one}`, { tags: Array.from({ length: 32 }, (_, at) => `${at}`) });
    expect(await counted({ add_tags: ['one more'], note: '一' })).toEqual(changed(1));
    // Too many tags, but another note.
    expect(await counted({ add_tags: ['two more'], note: '二' })).toEqual(changed(2));
    const filter = { id: [one, other] };
    const job = await send<BackgroundJob>('POST', '/v1/generations/bulk', {
      filter,
      action: 'update',
      add_tags: ['three more'],
    });
    await expect
      .poll(async () => (await send<BackgroundJob>('GET', `/v1/jobs/${job.body.id}`)).body.result)
      .toEqual({ matched: 2, changed: 1, skipped: 1 });
  });

  test('skips and counts what is in flight', async () => {
    const slow = await made({ prompt: '慢 [[simulate delay=60000]]' }, { prefer: 'respond-async' });
    const ended = await made();
    const body = { ids: [slow, ended], action: 'purge' };
    expect((await send('POST', '/v1/generations/bulk', body)).body).toMatchObject({ matched: 2, changed: 1 });
    await send('POST', `/v1/generations/${slow}/cancel`, {});
  });
});

describe('a job', () => {
  const insertJob = (state: string, more = ''): Promise<string> => {
    const id = uuidv7();
    const input = JSON.stringify({
      filter: { tag: ['job'], created_before: '2999-01-01' },
      change: { action: 'delete' },
    });
    return onDatabase(
      history.testData,
      `insert into background_job (id, project_id, kind, state, input, created_at ${more === '' ? '' : ', progress, done, worker_id'})
       values ('${id}', '${DEFAULT_PROJECT_ID}', 'bulk', '${state}', '${input}', now() ${more})`,
    ).then(() => id);
  };
  const tagged = async (): Promise<string> => {
    const id = await made();
    await send('PATCH', `/v1/generations/${id}`, { tags: ['job'] });
    return id;
  };

  test('that is canceled before it begins changes nothing', async () => {
    const generation = await tagged();
    const id = await insertJob('queued');
    const canceled = await send<BackgroundJob>('POST', `/v1/jobs/${id}/cancel`, {});
    expect([canceled.status, canceled.body.state, canceled.body.done]).toEqual([200, 'canceled', 0]);
    expect((await send<BackgroundJob>('POST', `/v1/jobs/${id}/cancel`, {})).body.state).toBe('canceled');
    expect((await record(generation)).deleted_at).toBeNull();
    await send('DELETE', `/v1/generations/${generation}?purge=true`);
  });

  test('of a process that died half-way is continued behind what that one has done, and counts go on', async () => {
    const [first, second] = [await tagged(), await tagged()];
    // The newest one was done, and somebody has restored it since: a job touches nothing twice.
    const progress = JSON.stringify({ after: second, matched: 1, changed: 1 });
    const id = await insertJob('running', `, '${progress}', 1, '${uuidv7()}'`);
    await expect
      .poll(async () => (await send<BackgroundJob>('GET', `/v1/jobs/${id}`)).body)
      .toMatchObject({ state: 'succeeded', done: 2, total: 2, result: { matched: 2, changed: 2, skipped: 0 } });
    expect([(await record(first)).deleted_at === null, (await record(second)).deleted_at]).toEqual([false, null]);
  });

  test('of the service itself is shown to its operator, and cannot be canceled', async () => {
    const id = uuidv7();
    await onDatabase(
      history.testData,
      `insert into background_job (id, kind, state, input, created_at) values ('${id}', 'of a later version', 'queued', '{}', now())`,
    );
    const { status, body } = await send('POST', `/v1/jobs/${id}/cancel`, {});
    expect([status, body.error.code]).toEqual([409, 'job_of_service']);
    expect((await send<BackgroundJob>('GET', `/v1/jobs/${id}`)).body.state).toMatch(/queued|running/);
  });

  test('of another project does not exist', async () => {
    const { id: project } = await createProject(history.url, 'others');
    const { key } = await createKey(history.url, { project_id: project, scopes: ['read', 'manage', 'generate'] });
    const id = await insertJob('failed');
    for (const [method, path] of [
      ['GET', `/v1/jobs/${id}`],
      ['POST', `/v1/jobs/${id}/cancel`],
    ] as const) {
      const body = method === 'POST' ? {} : undefined;
      expect((await send(method, path, body, bearer(key))).status).toBe(404);
    }
    expect((await send<{ data: unknown[] }>('GET', '/v1/jobs', undefined, bearer(key))).body.data).toEqual([]);
  });
});

describe('a rerun', () => {
  test.each([
    ['that has failed', 'x [[simulate status=500]]'],
    ['that was refused', 'x [[simulate status=400]]'],
  ])('of a generation %s is made', async (_what, prompt) => {
    const id = await made({ prompt });
    expect((await record(id)).state).toBe('failed');
    const before = calls();
    const sent = await send('POST', `/v1/generations/${id}/rerun`, { prompt: '现在可以' });
    expect([sent.status, calls()]).toEqual([200, before + 1]);
  });

  test('of a generation that runs, or was canceled, is made', async () => {
    const id = await made({ prompt: '慢 [[simulate delay=60000]]' }, { prefer: 'respond-async' });
    const rerun = (): Promise<Sent<object>> => send('POST', `/v1/generations/${id}/rerun`, { prompt: '快' });
    expect((await rerun()).status).toBe(200);
    await send('POST', `/v1/generations/${id}/cancel`, {});
    expect((await rerun()).status).toBe(200);
  });

  test('with a form is refused', async () => {
    const id = await made();
    const form = new FormData();
    form.set('seed', '7');
    const before = calls();
    const response = await fetchChecked(`${history.url}/v1/generations/${id}/rerun`, {
      method: 'POST',
      headers: ADMIN,
      body: form,
    });
    expect([response.status, calls()]).toEqual([415, before]);
  });

  test('with stream: true responds with events', async () => {
    const id = await made();
    const { status, headers, body } = await send('POST', `/v1/generations/${id}/rerun`, { stream: true });
    expect([status, headers.get('content-type')]).toEqual([200, expect.stringContaining('text/event-stream')]);
    expect(JSON.stringify(body)).toContain('image_generation.completed');
    expect((await record(headers.get('x-generation-id') ?? '')).derived_from).toEqual([
      { kind: 'rerun', generation_id: id, image_id: null },
    ]);
  });

  test('of a request that was too large to be kept whole names what is missing, and takes it', async () => {
    const id = await made({ notes: 'n'.repeat(100_000), seed: 1 });
    expect((await record(id)).cut).toEqual(['notes']);
    const before = calls();
    const refused = await send('POST', `/v1/generations/${id}/rerun`, { seed: 2 });
    expect([refused.status, refused.body.error.param, calls()]).toEqual([400, 'notes', before]);
    for (const overrides of [{ notes: null }, { notes: 'short' }])
      expect((await send('POST', `/v1/generations/${id}/rerun`, overrides)).status).toBe(200);
  });

  test('of one in the bin is refused, of a purged one not known', async () => {
    const id = await made();
    await send('DELETE', `/v1/generations/${id}`);
    expect((await send('POST', `/v1/generations/${id}/rerun`)).body.error.code).toBe('generation_deleted');
    await send('DELETE', `/v1/generations/${id}?purge=true`);
    expect((await send('POST', `/v1/generations/${id}/rerun`)).status).toBe(404);
  });
});

describe('a lineage', () => {
  test('of 300 generations has the nearest 200, and says that there are more', async () => {
    await using data = await openTestData();
    const database = await openServiceDatabase(readConfig(data.environment));
    const recorded = await recordPrompts(
      database.dataSource,
      Array.from({ length: 300 }, (_, index) => `代 ${index}`),
      [DEFAULT_PROJECT_ID],
    );
    const ids = recorded.map(({ id }) => id);
    const [root = '', near = ''] = ids;
    // The second one from the first; half of the others from the first, the rest from the second: one step further.
    const parents = ids.map((_, index) => (index === 0 ? null : index === 1 || index % 2 === 0 ? root : near));
    await database.dataSource.query(
      `insert into derivation (child_id, parent_id, kind, image_id)
       select child, parent, 'rerun', '' from unnest($1::uuid[], $2::uuid[]) as row (child, parent) where parent is not null`,
      [ids, parents],
    );
    // No request makes one, and what came into the table by a restored backup must not hang the service.
    await database.dataSource.query(`insert into derivation values ($1, $2, 'edit', $3)`, [
      root,
      ids[299],
      `${ids[299]}-0`,
    ]);
    await database.close();
    await using plain = await runHistory(data);
    const { status, body } = await get<Lineage>(plain.url, `/v1/generations/${root}/lineage`);
    expect([status, body.nodes.length, body.truncated, body.nodes[0]?.id]).toEqual([200, 200, true, root]);
    const children = ids.filter((_, index) => parents[index] === root);
    const nodes = body.nodes.map(({ id }) => id);
    expect(new Set(nodes).size).toBe(200);
    expect(children.filter((id) => !nodes.includes(id))).toEqual([]);
    for (const { from, to } of body.edges) expect([nodes.includes(from), nodes.includes(to)]).toEqual([true, true]);
    const small = (await get<Lineage>(plain.url, `/v1/generations/${ids[4]}/lineage`)).body;
    expect(small.nodes.map(({ id }) => id).slice(0, 2)).toEqual([ids[4], root]);
  });
});

describe('who may what', () => {
  const FOREIGN = [
    ['GET', '/v1/generations', 'read'],
    ['GET', '/v1/images', 'read'],
    ['GET', '/v1/images/{id}-0', 'read'],
    ['GET', '/v1/generations/{id}/lineage', 'read'],
    ['GET', '/v1/tags', 'read'],
    ['GET', '/v1/jobs', 'read'],
    ['PATCH', '/v1/generations/{id}', 'manage'],
    ['PATCH', '/v1/images/{id}-0', 'manage'],
    ['DELETE', '/v1/generations/{id}', 'manage'],
    ['DELETE', '/v1/images/{id}-0', 'manage'],
    ['POST', '/v1/generations/{id}/restore', 'manage'],
    ['POST', '/v1/images/{id}-0/restore', 'manage'],
    ['POST', '/v1/generations/bulk', 'manage'],
    ['POST', '/v1/generations/{id}/rerun', 'generate'],
  ] as const;

  test('the admin key reads all projects with project_id=all, and changes nothing of them', async () => {
    const { id: project } = await createProject(history.url, 'read by all');
    const { key } = await createKey(history.url, { project_id: project, scopes: ['read', 'manage', 'generate'] });
    const id = await made({ prompt: '别的项目' }, bearer(key));
    await send('PATCH', `/v1/generations/${id}`, { tags: ['theirs'] }, bearer(key));
    for (const path of [
      '/v1/generations?project_id=all&tag=theirs',
      `/v1/generations?project_id=all&q=${encodeURIComponent('别的项目')}`,
      `/v1/images?project_id=all&id=${id}`,
      `/v1/images/${id}-0?project_id=all`,
      `/v1/generations/${id}/lineage?project_id=all`,
      `/v1/generations/${id}?project_id=${project}`,
    ]) {
      const { status, body } = await send('GET', path);
      expect([status, JSON.stringify(body).includes(id)], `of ${path}`).toEqual([200, true]);
    }
    expect(JSON.stringify((await send('GET', '/v1/tags?project_id=all')).body)).toContain('theirs');
    expect(JSON.stringify((await send('GET', '/v1/tags')).body)).not.toContain('theirs');
    for (const [method, path] of FOREIGN.filter(([, , need]) => need !== 'read' && need !== undefined)) {
      if (path === '/v1/generations/bulk') continue;
      const body = method === 'DELETE' ? undefined : {};
      for (const query of ['', `?project_id=${project}`, '?project_id=all']) {
        const { status } = await send(method, path.replace('{id}', id) + query, body);
        expect([400, 404], `${method} ${path}${query}`).toContain(status);
      }
    }
    const bulk = { ids: [id], action: 'purge' };
    expect((await send('POST', '/v1/generations/bulk', bulk)).body).toMatchObject({ matched: 0, changed: 0 });
    expect((await send<GenerationRecord>('GET', `/v1/generations/${id}`, undefined, bearer(key))).body.tags).toEqual([
      'theirs',
    ]);
  });

  test.each(['read', 'generate', 'manage'] as const)('a key with %s alone does what that means', async (scope) => {
    const { key } = await createKey(history.url, { scopes: [scope] });
    const id = await made();
    for (const [method, path, need] of FOREIGN) {
      if (need === scope) continue;
      const body = method === 'PATCH' || method === 'POST' ? {} : undefined;
      const { status, body: received } = await send(method, path.replace('{id}', id), body, bearer(key));
      expect([status, received.error.code], `${method} ${path}`).toEqual([403, 'insufficient_scope']);
    }
    expect((await record(id)).deleted_at).toBeNull();
  });
});
