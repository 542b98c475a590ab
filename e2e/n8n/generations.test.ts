import { temporaryFolder } from '@wan-image/testing/folders';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startHidden, startHistoryOf } from '../support/n8n/history-behind.ts';
import type { Service } from '../support/service.ts';
import type { Run } from '../support/n8n/execute.ts';
import { misfits, outputSchema } from '../support/n8n/output-schema.ts';
import type { BinaryData, Item, JsonObject } from '../support/n8n/types.ts';
import { API_KEY, editOf, errorOf, NODE, startQuickSimulator, workbench, wanImage } from '../support/n8n/wan-image.ts';
import { keepOnly, START } from '../support/n8n/workflows.ts';

/** The resource Generation, and edits of earlier images, in every mode in which n8n keeps binary data. */

const resources = new AsyncDisposableStack();
let service: Service;
beforeAll(async () => {
  const folder = resources.use(await temporaryFolder());
  // So no image can come from its PUBLIC_URL.
  service = resources.use(await startHidden({ DATA_DIR: folder.path, ADMIN_API_KEY: API_KEY }));
});
afterAll(() => resources.disposeAsync());

const HEADERS = { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/json' };

async function request(method: string, path: string, body?: object, { url } = service): Promise<Response> {
  const response = await fetch(url + path, {
    method,
    headers: HEADERS,
    ...(body && { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return response;
}

async function recordOf(id: unknown): Promise<JsonObject> {
  return (await request('GET', `/v1/generations/${String(id)}`)).json() as Promise<JsonObject>;
}

async function generated(prompt: string, n = 1, of = service): Promise<string> {
  const body = { prompt, n, size: '1K', model: 'wan2.7-image', seed: 7 };
  const response = await request('POST', '/v1/images/generations', body, of);
  await response.text();
  return response.headers.get('x-generation-id')!;
}

/** A generation that its upstream refused. */
async function failedOne(): Promise<string> {
  const body = JSON.stringify({ prompt: 'no [[simulate status=400]]', model: 'wan2.7-image' });
  const response = await fetch(`${service.url}/v1/images/generations`, { method: 'POST', headers: HEADERS, body });
  expect(response.status).toBe(400);
  await response.text();
  return response.headers.get('x-generation-id')!;
}

function locator(value: string, mode = 'id'): JsonObject {
  return { __rl: true, mode, value };
}

/** The parameters of an operation on the generation of each input item. */
function operation(name: string, more: JsonObject = {}): JsonObject {
  return { resource: 'generation', operation: name, generation: locator('={{ $json.id }}'), ...more };
}

/** Beside the JSON of an item, or in it. */
function fileOf({ binary, json }: Item, field = 'data'): BinaryData {
  const files = binary ?? (json['_files'] as Readonly<Record<string, BinaryData>>);
  return files[field]!;
}

function itemsOf(run: Run, node = NODE): readonly Item[] {
  expect(run.error?.message).toBeUndefined();
  return run.output(node);
}

const OPERATIONS = ['get', 'downloadImages', 'rerun', 'update', 'favorite', 'delete', 'restore'];

describe.each([
  ['filesystem', 'filesystem', {}],
  ['in memory', 'default', {}],
  ['combined', 'filesystem', { binaryMode: 'combined' }],
] as const)('with binary data %s', (_name, storage, settings) => {
  const bench = workbench({ storage });
  let one: string;
  let two: string;
  beforeAll(async () => {
    one = await generated('a flower shop', 2);
    two = await generated('a lighthouse');
  });
  const run = (parameters: JsonObject, more: Parameters<typeof bench.run>[2] = {}): Promise<Run> =>
    bench.run(service, parameters, { input: [{ json: { id: one } }, { json: { id: two } }], settings, ...more });

  test('Get returns a generation, simplified or as it is', async () => {
    const [first, second] = itemsOf(await run(operation('get')));
    expect(first).toMatchObject({
      json: { id: one, state: 'succeeded', prompt: 'a flower shop' },
      pairedItem: { item: 0 },
    });
    expect((first!.json['images'] as JsonObject[]).map(({ image_id }) => image_id)).toEqual([`${one}-0`, `${one}-1`]);
    expect(Object.keys(first!.json).length).toBeLessThanOrEqual(10);
    expect(second).toMatchObject({ json: { id: two }, pairedItem: { item: 1 } });
    const [whole] = itemsOf(await run(operation('get', { simplify: false })));
    expect(whole!.json).toEqual(await recordOf(one));
  });

  test.each([
    ['the ID of an image', () => locator(`${two}-0`)],
    ['the URL of an image', () => locator(`http://history.invalid/images/${two}-0?key=1&signature=x`, 'url')],
    ['an entry of the list', () => locator(two, 'list')],
  ])('a generation is found by %s', async (_what, generation) => {
    const [item] = itemsOf(await run(operation('get', { generation: generation() })));
    expect(item!.json['id']).toBe(two);
  });

  test('Get Many finds generations by words and filters, as many as asked for', async () => {
    const many = async (more: JsonObject): Promise<unknown[]> => {
      const parameters = { resource: 'generation', operation: 'getAll', ...more };
      const items = itemsOf(await run(parameters, { input: [{ json: {} }] }));
      expect(items.every(({ pairedItem }) => (pairedItem as { item: number }).item === 0)).toBe(true);
      return items.map(({ json }) => json['id']);
    };
    expect(await many({ search: 'lighthouse', limit: 1 })).toEqual([two]);
    expect(await many({ search: 'lighthouse', filters: { createdBefore: '2026-01-01' } })).toEqual([]);
    expect(await many({ filters: { ids: `${one},${two}`, order: 'asc' } })).toEqual([one, two]);
    expect(await many({ filters: { ids: `${one},${two}`, states: ['failed'] } })).toEqual([]);
    expect((await many({ returnAll: true })).length).toBeGreaterThanOrEqual(2);
  });

  test('Download Images returns each image as a file, from the Base URL', async () => {
    const items = itemsOf(await run(operation('downloadImages')));
    expect(items.map(({ json, pairedItem }) => [json['image_id'], pairedItem])).toEqual([
      [`${one}-0`, { item: 0 }],
      [`${one}-1`, { item: 0 }],
      [`${two}-0`, { item: 1 }],
    ]);
    for (const item of items) {
      const stored = await request('GET', `/images/${String(item.json['image_id'])}`);
      const bytes = await (await bench.engine()).bytes(fileOf(item));
      expect(bytes.equals(Buffer.from(await stored.arrayBuffer()))).toBe(true);
      expect(item.json).toMatchObject({ width: 1024, height: 1024, model: 'wan2.7-image' });
    }
    expect(fileOf(items[2]!).fileName).toBe('a-lighthouse-1.png');
  });

  test('Run Again generates from the earlier request, with what is different', async () => {
    const items = itemsOf(await run(operation('rerun', { overrides: { prompt: 'at night', numberOfImages: 1 } })));
    expect(items).toHaveLength(2);
    for (const [index, item] of items.entries()) {
      const record = await recordOf(item.json['generation_id']);
      const parent = index === 0 ? one : two;
      expect(record).toMatchObject({
        prompt: 'at night',
        request: { size: '1K', n: 1 },
        derived_from: [{ kind: 'rerun', generation_id: parent }],
      });
      expect(item).toMatchObject({
        json: { model: 'wan2.7-image', size: '1K', width: 1024 },
        pairedItem: { item: index },
      });
      expect((await (await bench.engine()).bytes(fileOf(item))).subarray(1, 4).toString()).toBe('PNG');
    }
  });

  test('Update sets tags and note, and leaves alone what it does not name', async () => {
    itemsOf(await run(operation('update', { updateFields: { tags: 'shop, 春天', note: 'good' } })));
    expect(await recordOf(one)).toMatchObject({ tags: ['shop', '春天'], note: 'good' });
    const [item] = itemsOf(await run(operation('update', { updateFields: { note: '' } })));
    expect(item).toMatchObject({ json: { tags: ['shop', '春天'], note: null }, pairedItem: { item: 0 } });
    expect(await recordOf(one)).toMatchObject({ tags: ['shop', '春天'], note: null });
  });

  test('Mark Favorite marks one image, and unmarks it', async () => {
    const favorites = async (): Promise<unknown[]> =>
      ((await recordOf(one))['images'] as JsonObject[]).map(({ favorite }) => favorite);
    const input = [{ json: { id: one } }];
    const [item] = itemsOf(await run(operation('favorite', { imageNumber: 2 }), { input }));
    expect(item).toMatchObject({ json: { image_id: `${one}-1`, favorite: true }, pairedItem: { item: 0 } });
    expect(await favorites()).toEqual([false, true]);
    itemsOf(await run(operation('favorite', { generation: locator(`${one}-1`), favorite: false }), { input }));
    expect(await favorites()).toEqual([false, false]);
  });

  test('Delete puts into the bin, Restore takes out of it, and Delete Permanently is for good', async () => {
    const id = await generated('for the bin');
    const input = [{ json: { id } }];
    expect(itemsOf(await run(operation('delete'), { input }))).toEqual([
      expect.objectContaining({ json: { id, deleted: true }, pairedItem: { item: 0 } }),
    ]);
    expect((await recordOf(id))['deleted_at']).not.toBeNull();
    // What is in the bin cannot be run again, and nothing is billed.
    const refused = errorOf(await run(operation('rerun'), { input }));
    expect(refused.message).toContain('is in the bin');
    itemsOf(await run(operation('restore'), { input }));
    expect((await recordOf(id))['deleted_at']).toBeNull();
    itemsOf(await run(operation('delete', { purge: true }), { input }));
    expect(errorOf(await run(operation('get'), { input })).httpCode).toBe('404');
  });

  test('Edit takes an earlier image by its ID or its URL, whose bytes do not pass through n8n', async () => {
    const url = ((await recordOf(two))['images'] as JsonObject[])[0]!['url'];
    const rows = [
      { source: 'history', imageId: `${one}-1` },
      { source: 'url', url },
      { source: 'url', url: one },
    ];
    const input = [{ json: {} }];
    const [item] = itemsOf(await run({ ...editOf(rows, { size: '1K' }), prompt: 'at night' }, { input }));
    const record = await recordOf(item!.json['generation_id']);
    expect((record['input_images'] as JsonObject[]).map(({ from_image }) => from_image)).toEqual([
      `${one}-1`,
      `${two}-0`,
      `${one}-0`,
    ]);
    const unknown = { source: 'history', imageId: `${one}-7` };
    const failed = errorOf(await run({ ...editOf([unknown], { size: '1K' }), prompt: 'x' }, { input }));
    expect(failed.message).toMatch(/^Images, row 1 \(history\): the history service has no image/);
  });

  test.each(OPERATIONS)('%s keeps each failed item at its place, and later nodes find its input', async (name) => {
    const more = name === 'update' ? { updateFields: { note: 'x' } } : {};
    const missing = '019ab2c4-5d6e-7f80-9a1b-2c3d4e5f6071';
    // With the binary mode `combined` an item is its JSON.
    const after = [keepOnly({ id: `={{ ($('${START}').item.json ?? $('${START}').item).id }}` })];
    // The bin takes nothing that is needed later.
    const found = name === 'delete' || name === 'restore' ? await generated('x') : two;
    const input = [{ json: { id: missing } }, { json: { id: found } }];
    const node = { onError: 'continueRegularOutput' as const };
    const ran = await run(operation(name, more), { input, after, node });
    const [failed, done] = itemsOf(ran);
    expect(failed).toMatchObject({ json: { message: expect.any(String) as string }, pairedItem: { item: 0 } });
    expect(failed!.json['error']).toMatchObject({ outcome: 'not_billed' });
    expect(done!.json).not.toHaveProperty('error.message');
    expect(ran.output('Keep').map(({ json }) => json['id'])).toEqual([missing, found]);
  });
});

describe('before anything has run, the editor shows', () => {
  const { run } = workbench();
  const own = new AsyncDisposableStack();
  let priced: Service;
  beforeAll(async () => {
    // What the simulator of the service itself generates has no price.
    const upstream = own.use(await startQuickSimulator());
    ({ service: priced } = own.use(await startHistoryOf(upstream, API_KEY, { PRICES: 'wan2.7-image=0.20' })));
  });
  afterAll(() => own.disposeAsync());

  const schemaOf = (name: string): ReturnType<typeof outputSchema> =>
    outputSchema(`WanImage/__schema__/v1.0.0/${name}.json`);
  /** What an operation returns for generations. */
  const outputs = async (name: string, ids: readonly string[], of = service): Promise<readonly JsonObject[]> => {
    const more = name === 'update' ? { updateFields: { tags: 'a, b', note: 'x' } } : {};
    const items = itemsOf(await run(of, operation(name, more), { input: ids.map((id) => ({ json: { id } })) }));
    expect(items.length).toBeGreaterThanOrEqual(ids.length);
    return items.map(({ json }) => json);
  };

  test.each(['get', 'getAll', 'update', 'restore'])('the fields of what %s really returns', async (name) => {
    const succeeded = await generated('a schema', 2);
    // The size of an image that is fetched from its URL may be known after the response.
    const images = async (): Promise<unknown> => (await recordOf(succeeded))['images'];
    await expect.poll(images).toMatchObject([{ state: 'stored' }, { state: 'stored' }]);
    const failed = await failedOne();
    for (const id of [succeeded, failed])
      await request('PATCH', `/v1/generations/${id}`, { tags: ['a', 'b'], note: 'x' });
    if (name === 'restore') await outputs('delete', [succeeded, failed]);
    const found = await outputs(name, [succeeded, failed]);
    expect(misfits(await schemaOf(`generation/${name}`), found)).toEqual([]);
  });

  test.each(['delete', 'favorite'])('the fields of what %s really returns', async (name) => {
    const found = await outputs(name, [await generated('a schema', 2)]);
    expect(misfits(await schemaOf(`generation/${name}`), found)).toEqual([]);
  });

  const withPrice = { optional: ['cost', 'currency'] };

  test.each(['downloadImages', 'rerun'])(
    'the fields of what %s really returns, with prices and without',
    async (name) => {
      const found = await outputs(name, [await generated('a schema', 2)]);
      const withCost = await outputs(name, [await generated('a schema', 2, priced)], priced);
      for (const json of found) expect(json).not.toHaveProperty('cost');
      for (const json of withCost) expect(json).toMatchObject({ cost: '0.40', currency: 'CNY' });
      expect(misfits(await schemaOf(`generation/${name}`), [...found, ...withCost], withPrice)).toEqual([]);
    },
  );

  test('the fields of a new image, with prices and without', async () => {
    const parameters = { size: '1K', model: { __rl: true, mode: 'id', value: 'wan2.7-image' }, options: { seed: 7 } };
    const input = [{ json: {} }];
    const of = async (server: { readonly url: string }): Promise<JsonObject> =>
      itemsOf(await run(server, parameters, { input }))[0]!.json;
    await using simulator = await startQuickSimulator();
    const all = [await of(simulator), await of(service), await of(priced)];
    expect(all[2]).toMatchObject({ cost: '0.20', currency: 'CNY' });
    const optional = [...withPrice.optional, 'image_id'];
    expect(misfits(await schemaOf('image/generate'), all, { optional })).toEqual([]);
    expect(await schemaOf('image/edit')).toEqual(await schemaOf('image/generate'));
  });
});

describe('without a history service', () => {
  const { run } = workbench();

  test.each([...OPERATIONS, 'getAll'])('%s says what it needs, and sends nothing that is billed', async (name) => {
    await using simulator = await startQuickSimulator();
    const input = [{ json: { id: '019ab2c4-5d6e-7f80-9a1b-2c3d4e5f6071' } }];
    const more = name === 'update' ? { updateFields: { note: 'x' } } : {};
    const error = errorOf(await run(simulator, operation(name, more), { input }));
    expect(error.message).toContain('is no history service');
    expect(error.description).toContain('nothing was billed');
    expect(error.description).toContain('https://github.com/wan-image/wan-image');
    expect(simulator.totals.billed_images).toBe(0);
  });

  test('an edit by ID says so too', async () => {
    await using simulator = await startQuickSimulator();
    const rows = [{ source: 'history', imageId: '019ab2c4-5d6e-7f80-9a1b-2c3d4e5f6071-0' }];
    expect(errorOf(await run(simulator, editOf(rows))).message).toContain('is no history service');
    expect(simulator.totals.billed_images).toBe(0);
  });
});

describe('the list of generations', () => {
  const { engine } = workbench();

  test('has the newest first, by words, in pages', async () => {
    const id = await generated('a very special 灯塔');
    const search = async (url: string, filter?: string, paginationToken?: string) =>
      (await engine()).listSearch({
        nodeType: wanImage().type,
        typeVersion: 1,
        method: 'searchGenerations',
        credentials: { wanImageApi: { baseUrl: url, apiKey: API_KEY } },
        ...(filter !== undefined && { filter }),
        ...(paginationToken !== undefined && { paginationToken }),
      });
    expect((await search(service.url, '灯塔')).results).toEqual([
      { name: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d · a very special 灯塔$/) as string, value: id },
    ]);
    expect((await search(service.url)).results[0]).toMatchObject({ value: id });
    await using simulator = await startQuickSimulator();
    await expect(search(simulator.url)).rejects.toThrow('is no history service');
  });
});
