import { rm, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { createHistoryClient, type ErrorBody, type GenerationRecord, type ImageRecord } from '@wan-image/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pathOf } from '../src/storage/folder-layout.ts';
import { ADMIN, ADMIN_API_KEY, bearer, createKey, createProject } from './support/access.ts';
import { onDatabase } from './support/on-database.ts';
import { fetchChecked, generate, get } from './support/requests.ts';
import { openHistory, type TestHistory } from './support/test-history.ts';
import { unzip } from './support/unzip.ts';

const NOWHERE = '01932d5e-abcd-7000-8000-000000000000';

/** A line of the manifest. */
type ManifestRecord = Omit<GenerationRecord, 'images'> & {
  readonly images: readonly (ImageRecord & { file: string | null })[];
};

interface Archive {
  readonly files: ReadonlyMap<string, Buffer>;
  readonly lines: readonly ManifestRecord[];
}

async function read(response: Response): Promise<Archive> {
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/zip']);
  const unzipped = await unzip(Buffer.from(await response.arrayBuffer()));
  const files = new Map([...unzipped].map(([path, { bytes }]) => [path, bytes]));
  const manifest = files.get('manifest.jsonl')?.toString().trimEnd().split('\n') ?? [];
  files.delete('manifest.jsonl');
  return { files, lines: manifest.map((line) => JSON.parse(line) as ManifestRecord) };
}

let history: TestHistory & AsyncDisposable;
beforeAll(async () => {
  history = await openHistory({ ADMIN_API_KEY });
});
afterAll(() => history[Symbol.asyncDispose]());

const post = (body: object, headers: Record<string, string> = ADMIN): Promise<Response> =>
  fetchChecked(`${history.url}/v1/exports`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
const select = (query: string, headers: Record<string, string> = ADMIN): Promise<Response> =>
  fetchChecked(`${history.url}/v1/exports?${query}`, { headers });

/** Generates images, and returns their record. */
async function made(prompt: string, n = 1, headers: Record<string, string> = ADMIN): Promise<GenerationRecord> {
  const set = n <= 4 ? {} : { enable_sequential: true };
  const response = await generate(history.url, { model: 'wan2.7-image', prompt, size: '768x768', n, ...set }, headers);
  return (
    await get<GenerationRecord>(history.url, `/v1/generations/${response.headers.get('x-generation-id')}`, headers)
  ).body;
}

const fileOf = async ({ url }: ImageRecord): Promise<Buffer> =>
  Buffer.from(await (await fetchChecked(url ?? '')).arrayBuffer());

async function errorOf(response: Response): Promise<readonly unknown[]> {
  const { error } = (await response.json()) as ErrorBody;
  expect(response.headers.get('content-disposition')).toBeNull();
  return [response.status, error.param, error.message];
}

describe('an archive', () => {
  test('has the images of generations as they were made, and a manifest of their records', async () => {
    const flowers = await made('一间花店！', 3);
    const cat = await made('A cat / on a windowsill');
    const response = await post({ format: 'zip', ids: [cat.id, flowers.id, cat.id] });
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('content-disposition')).toMatch(
      /^attachment; filename=wan-image-\d{4}-\d\d-\d\d\.zip$/,
    );
    const { files, lines } = await read(response);
    const day = cat.created_at.slice(0, 10);
    const paths = [
      `images/${day}_a-cat-on-a-windowsill_${cat.id.slice(-8)}-0.png`,
      ...[0, 1, 2].map((index) => `images/${day}_一间花店_${flowers.id.slice(-8)}-${index}.png`),
    ];
    expect([...files.keys()]).toEqual(paths);
    for (const [index, image] of [...cat.images, ...flowers.images].entries())
      expect(files.get(paths[index] ?? '')?.equals(await fileOf(image))).toBe(true);
    for (const [index, record] of [cat, flowers].entries())
      expect(lines[index]).toEqual({ ...record, images: lines[index]?.images });
    expect(lines.flatMap(({ images }) => images.map(({ id, file }) => [id, file]))).toEqual(
      [...cat.images, ...flowers.images].map(({ id }, index) => [id, paths[index]]),
    );
  });

  test('of single images has no others, and says so in the record', async () => {
    const { id, images } = await made('四季', 4);
    const chosen = [images[2], images[0]].map((image) => image?.id.toUpperCase());
    const archives = [
      await read(await post({ format: 'zip', image_ids: chosen })),
      await read(await select(`format=zip&${chosen.map((image) => `image_id=${image}`).join('&')}`)),
    ];
    for (const { files, lines } of archives) {
      expect(files.size).toBe(2);
      expect(lines).toHaveLength(1);
      expect(lines[0]?.images.map(({ state, file }) => [state, file === null])).toEqual([
        ['stored', false],
        ['stored', true],
        ['stored', false],
        ['stored', true],
      ]);
    }
    const [single] = (await read(await select(`format=zip&image_id=${id}-3`))).files.keys();
    expect(single).toMatch(/-3\.png$/);
  });

  test('of a filter has the generations of a list with it', async () => {
    const one = await made('选中 一');
    const two = await made('选中 二');
    await made('别的');
    const { lines } = await read(await select(`format=zip&q=${encodeURIComponent('选中')}`));
    expect(lines.map(({ id }) => id)).toEqual([two.id, one.id]);
    expect((await read(await select(`format=zip&id=${one.id}`))).lines).toHaveLength(1);
  });

  test('with equal names has each image', async () => {
    const first = await made('同名');
    // Of the same month, and with the same end.
    const second = `${first.id.slice(0, 24)}0000${first.id.slice(28)}`;
    const copy = (table: string, column: string, other: object): Promise<unknown> =>
      onDatabase(
        history.testData,
        `insert into ${table} select (jsonb_populate_record(t, '${JSON.stringify(other)}')).* from ${table} as t where ${column} = '${first.id}'`,
      );
    await copy('generation', 'id', { id: second });
    await copy('generation_image', 'generation_id', { generation_id: second });
    const { files, lines } = await read(await post({ format: 'zip', ids: [first.id, second] }));
    expect(lines).toHaveLength(2);
    expect([...files.keys()].map((path) => path.includes(second))).toEqual([false, true]);
  });

  test('is not made for HEAD, whose headers are those of GET', async () => {
    const { id } = await made('头');
    const response = await fetchChecked(`${history.url}/v1/exports?format=zip&id=${id}`, {
      method: 'HEAD',
      headers: ADMIN,
    });
    expect([response.status, response.headers.get('content-type'), await response.text()]).toEqual([
      200,
      'application/zip',
      '',
    ]);
  });
});

describe('what cannot be in an archive is left out, and named with its state', () => {
  test('images that are lost, pending, deleted for good, or whose file is missing', async () => {
    const { id, images } = await made('五张', 5);
    const setState = (index: number, state: string): Promise<unknown> =>
      onDatabase(
        history.testData,
        `update generation_image set state = '${state}', sha256 = null where generation_id = '${id}' and index = ${index}`,
      );
    await setState(0, 'lost');
    await setState(1, 'pending');
    await fetchChecked(`${history.url}/v1/images/${id}-2?purge=true`, { method: 'DELETE', headers: ADMIN });
    await rm(fileIn(images[3]?.sha256));
    const { files, lines } = await read(await post({ format: 'zip', ids: [id] }));
    expect(files.size).toBe(1);
    expect(lines[0]?.images.map(({ state, file }) => [state, file === null])).toEqual([
      ['lost', true],
      ['pending', true],
      ['deleted', true],
      ['lost', true],
      ['stored', false],
    ]);
  });

  test('an image that is deleted for good while its archive is sent is deleted, not lost', async () => {
    const { id, images } = await made('三张', 3);
    // More than the client and its connection hold without being read.
    const size = 64 * 2 ** 20;
    await truncate(fileIn(images[0]?.sha256), size);
    await onDatabase(
      history.testData,
      `update generation_image set bytes = ${size} where generation_id = '${id}' and index = 0`,
    );
    const response = await post({ format: 'zip', ids: [id] });
    await fetchChecked(`${history.url}/v1/images/${id}-1?purge=true`, { method: 'DELETE', headers: ADMIN });
    // As the service does later.
    for (const index of [1, 2]) await rm(fileIn(images[index]?.sha256));
    const { files, lines } = await read(response);
    expect(files.size).toBe(1);
    expect(lines[0]?.images.map(({ state, file }) => [state, file === null])).toEqual([
      ['stored', false],
      ['deleted', true],
      ['lost', true],
    ]);
  });

  test('images in the bin, but for a key that may change what is in it', async () => {
    const { key: mayManage } = await createKey(history.url, { scopes: ['generate', 'read', 'manage'] });
    const { key: mayRead } = await createKey(history.url, { scopes: ['read'] });
    const { id } = await made('两张', 2, bearer(mayManage));
    await fetchChecked(`${history.url}/v1/images/${id}-0`, { method: 'DELETE', headers: ADMIN });
    const filesFor = async (key: string): Promise<number> =>
      (await read(await post({ format: 'zip', ids: [id] }, bearer(key)))).files.size;
    expect([await filesFor(mayRead), await filesFor(mayManage)]).toEqual([1, 2]);
    await fetchChecked(`${history.url}/v1/generations/${id}`, { method: 'DELETE', headers: ADMIN });
    expect([await filesFor(mayRead), await filesFor(mayManage)]).toEqual([0, 2]);
    const { lines } = await read(await post({ format: 'zip', ids: [id] }, bearer(mayRead)));
    expect(lines[0]?.deleted_at).not.toBeNull();
  });

  test('what is of another project does not exist', async () => {
    const { id: project } = await createProject(history.url, 'another');
    const { key } = await createKey(history.url, { project_id: project, scopes: ['generate', 'read'] });
    const theirs = await made('他的', 1, bearer(key));
    const ours = await made('我的');
    const both = { format: 'zip', ids: [theirs.id, ours.id] };
    expect((await read(await post(both))).lines.map(({ id }) => id)).toEqual([ours.id]);
    expect((await read(await post(both, bearer(key)))).lines.map(({ id }) => id)).toEqual([theirs.id]);
    const all = await fetchChecked(`${history.url}/v1/exports?project_id=all`, {
      method: 'POST',
      headers: { ...ADMIN, 'content-type': 'application/json' },
      body: JSON.stringify(both),
    });
    expect((await read(all)).lines).toHaveLength(2);
    for (const body of [{ ids: [theirs.id] }, { image_ids: [`${theirs.id}-0`] }])
      expect(await errorOf(await post({ format: 'zip', ...body }))).toEqual([
        404,
        null,
        expect.stringMatching(/^None of these (generations|images) exists\. There is nothing to export\.$/),
      ]);
    expect((await select(`format=zip&id=${theirs.id}`)).status).toBe(404);
  });
});

describe('an export that is wrong', () => {
  const ids = [NOWHERE];
  test.each<[object, number, string | null, string]>([
    [{ ids }, 400, 'format', 'format must be zip, the only one that there is'],
    [{ format: 'csv', ids }, 400, 'format', 'format must be zip, the only one that there is, got "csv".'],
    [{ format: 'zip' }, 400, null, 'Give exactly one of ids and image_ids.'],
    [{ format: 'zip', ids, image_ids: [`${NOWHERE}-0`] }, 400, null, 'Give exactly one of ids and image_ids.'],
    [{ format: 'zip', ids: [] }, 400, 'ids', 'ids is empty: give 1 to 1000 ids.'],
    [
      { format: 'zip', ids: Array.from({ length: 1001 }, () => NOWHERE) },
      400,
      'ids',
      'ids has more than 1000 ids: export them in several requests.',
    ],
    [{ format: 'zip', ids: ['x'] }, 400, 'ids[0]', 'ids must be ids of generations'],
    [{ format: 'zip', image_ids: [`${NOWHERE}-input-0`] }, 400, 'image_ids[0]', 'image_ids must be ids of images'],
    [{ format: 'zip', ids, filter: {} }, 400, 'filter', 'Known fields: format, ids, image_ids.'],
    [{ format: 'zip', ids }, 404, null, 'None of these generations exists. There is nothing to export.'],
    [
      { format: 'zip', image_ids: [`${NOWHERE}-0`] },
      404,
      null,
      'None of these images exists. There is nothing to export.',
    ],
  ])('%j is a %i', async (body, status, param, message) => {
    expect(await errorOf(await post(body))).toEqual([status, param, expect.stringContaining(message)]);
  });

  test.each([
    ['', 400, 'format', 'format must be zip'],
    ['format=jsonl', 400, 'format', 'format must be zip, the only one that there is, got "jsonl".'],
    ['format=zip&ids=x', 400, 'ids', 'Known parameters: format, image_id, q, state,'],
    ['format=zip&image_id=x', 400, 'image_id[0]', 'image_id must be ids of images'],
    [`format=zip&image_id=${NOWHERE}-0&tag=a`, 400, 'tag', 'tag selects generations, and image_id images'],
    ['format=zip&tag=none-has-it', 404, null, 'The filter selects no generation. There is nothing to export.'],
  ])('?%s is a %i', async (query, status, param, message) => {
    expect(await errorOf(await select(query))).toEqual([status, param, expect.stringContaining(message)]);
  });

  test('a filter that selects more than 1,000 generations is refused', async () => {
    const { id: project } = await createProject(history.url, 'large');
    const { key } = await createKey(history.url, { project_id: project, scopes: ['generate', 'read'] });
    const { id } = await made('一', 1, bearer(key));
    const other = `jsonb_build_object('id', left('${id}', 24) || lpad(to_hex(n), 12, '0'))`;
    const insert = (range: string): Promise<unknown> =>
      onDatabase(
        history.testData,
        `insert into generation select (jsonb_populate_record(t, ${other})).* from generation as t, generate_series(${range}) as n where id = '${id}'`,
      );
    await insert('1, 999');
    expect((await read(await select('format=zip', bearer(key)))).lines).toHaveLength(1000);
    await insert('1000, 1000');
    expect(await errorOf(await select('format=zip', bearer(key)))).toEqual([
      400,
      null,
      'The filter selects more than 1000 generations, the most that one export has. Export them in parts, for example by created_after and created_before.',
    ]);
  });
});

const fileIn = (sha256: string | null | undefined): string =>
  pathOf(join(history.testData.dataDir, 'images'), sha256 ?? '');

describe('an archive that cannot be completed', () => {
  test('ends its connection, and the client fails', async () => {
    const { id, images } = await made('两张', 2);
    await truncate(fileIn(images[1]?.sha256), 100);
    await expect(post({ format: 'zip', ids: [id] }).then((response) => response.arrayBuffer())).rejects.toThrow();
    const client = createHistoryClient({ baseUrl: history.url, apiKey: ADMIN_API_KEY });
    await expect(buffer(client.export({ format: 'zip', ids: [id] }))).rejects.toMatchObject({
      kind: 'connection_lost',
      outcome: 'not_billed',
    });
    expect(history.logs.join('')).toContain('an export was aborted');
  });
});

test('the client of core gets the same archive', async () => {
  const { id } = await made('客户端');
  const client = createHistoryClient({ baseUrl: history.url, apiKey: ADMIN_API_KEY });
  const files = await unzip(await buffer(client.export({ format: 'zip', ids: [id] })));
  expect([...files.keys()]).toEqual([expect.stringMatching(/^images\/.*_客户端_.*-0\.png$/), 'manifest.jsonl']);
  await expect(buffer(client.export({ format: 'zip', ids: [NOWHERE] }))).rejects.toMatchObject({
    kind: 'refused',
    status: 404,
    code: 'not_found',
  });
});
