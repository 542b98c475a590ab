import type { ErrorBody, GenerationRecord, Lineage } from '@wan-image/core';
import { startTestServer } from '@wan-image/testing/http-server';
import { encodeImage } from '@wan-image/testing/images';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fetchChecked, generate, get } from './support/requests.ts';
import { onDatabase } from './support/on-database.ts';
import { openHistory, type TestHistory } from './support/test-history.ts';

const BODY = { model: 'wan2.7-image', prompt: '雪中的狐狸', size: '1K' };

let history: TestHistory & AsyncDisposable;
beforeAll(async () => {
  history = await openHistory({ ARCHIVE_INPUTS: 'true', ARCHIVE_PRIVATE_HOSTS: 'true' });
});
afterAll(() => history[Symbol.asyncDispose]());

interface Sent {
  readonly status: number;
  readonly headers: Headers;
  readonly body: { readonly data: readonly { readonly url?: string }[] } & ErrorBody;
}

async function rerun(id: string, overrides?: object, headers: Record<string, string> = {}): Promise<Sent> {
  const response = await fetchChecked(`${history.url}/v1/generations/${id}/rerun`, {
    method: 'POST',
    headers: { ...headers, ...(overrides && { 'content-type': 'application/json' }) },
    ...(overrides && { body: JSON.stringify(overrides) }),
  });
  return { status: response.status, headers: response.headers, body: (await response.json()) as Sent['body'] };
}

async function rerunStreamed(id: string, overrides: object, headers: Record<string, string>): Promise<string> {
  const response = await fetchChecked(`${history.url}/v1/generations/${id}/rerun`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify(overrides),
  });
  return response.text();
}

const idOf = ({ headers }: { headers: Headers }): string => headers.get('x-generation-id') ?? '';
const made = async (body: object): Promise<string> => idOf(await generate(history.url, { ...BODY, ...body }));
const record = async (id: string): Promise<GenerationRecord> =>
  (await get<GenerationRecord>(history.url, `/v1/generations/${id}`)).body;

/** Runs work, and returns how many calls the upstream got meanwhile. */
async function callsOf<T>(work: () => Promise<T>): Promise<[T, number]> {
  const before = history.simulator.totals.calls;
  const result = await work();
  return [result, history.simulator.totals.calls - before];
}

test('a set of twelve is made again by one call, and belongs to what it was made from', async () => {
  const id = await made({ enable_sequential: true, n: 12, user: '小王', metadata: { order: '4711' } });
  const [sent, calls] = await callsOf(() => rerun(id));
  expect([sent.status, sent.body.data.length, calls]).toEqual([200, 12, 1]);
  const [first, again] = [await record(id), await record(idOf(sent))];
  expect(again.request).toEqual(first.request);
  expect(again).toMatchObject({ user: '小王', metadata: { order: '4711' } });
  expect(again.derived_from).toEqual([{ kind: 'rerun', generation_id: id, image_id: null }]);
  const list = (await get<{ data: GenerationRecord[] }>(history.url, `/v1/generations?derived_from=${id}`)).body;
  expect(list.data.map((one) => one.id)).toEqual([idOf(sent)]);
});

test('an edit whose input URL is dead is made again from the copy', async () => {
  const png = await encodeImage({ format: 'png', width: 320, height: 320 });
  let isAlive = true;
  await using server = await startTestServer((_, response) => {
    if (isAlive) response.writeHead(200, { 'content-type': 'image/png' }).end(png);
    else response.writeHead(404).end();
  });
  const id = await made({ image: `${server.url}/fox.png` });
  await expect.poll(async () => (await record(id)).input_images[0]?.state).toBe('stored');
  isAlive = false;
  const [sent, calls] = await callsOf(() => rerun(id));
  expect([sent.status, calls]).toEqual([200, 1]);
  expect((await record(idOf(sent))).input_images).toMatchObject([{ kind: 'stored', width: 320, state: 'stored' }]);
});

// Its statements are run beside the service, which a server allows.
test.runIf(process.env['TEST_DATABASE'] === 'postgres')(
  'a repetition of a rerun gets its result, also where the copy of an input was stored meanwhile',
  async () => {
    const png = await encodeImage({ format: 'png', width: 320, height: 320 });
    await using server = await startTestServer((_, response) => {
      response.writeHead(200, { 'content-type': 'image/png' }).end(png);
    });
    const id = await made({ image: `${server.url}/fox.png` });
    await expect.poll(async () => (await record(id)).input_images[0]?.state).toBe('stored');
    const input = `where role = 'input' and generation_id = '${id}'`;
    // As it was before the copy was stored.
    await onDatabase(
      history.testData,
      `update generation_image set state = 'pending', sha256 = null, bytes = null, width = null, height = null, mime_type = null,
       try_at = now() + interval '1 hour' ${input}`,
    );
    const key = { 'idempotency-key': 'rerun-while-archiving' };
    const [first, calls] = await callsOf(() => rerun(id, {}, key));
    expect([first.status, calls]).toEqual([200, 1]);
    await onDatabase(history.testData, `update generation_image set try_at = now() ${input}`);
    await expect.poll(async () => (await record(id)).input_images[0]?.state).toBe('stored');
    const [again, more] = await callsOf(() => rerun(id, {}, key));
    expect([again.status, idOf(again), more]).toEqual([200, idOf(first), 0]);
  },
);

test('an image without a copy is sent as its URL again', async () => {
  await using plain = await openHistory();
  const { headers } = await generate(plain.url, { ...BODY, image: 'https://example.com/fox.png' });
  const response = await fetchChecked(`${plain.url}/v1/generations/${headers.get('x-generation-id')}/rerun`, {
    method: 'POST',
  });
  expect(response.status).toBe(200);
  const again = await get<GenerationRecord>(plain.url, `/v1/generations/${response.headers.get('x-generation-id')}`);
  expect(again.body.input_images).toMatchObject([{ kind: 'url', url: 'https://example.com/fox.png' }]);
});

describe('an override', () => {
  test.each<[string, object, object]>([
    ['prompt', { prompt: '夜里的狐狸' }, { prompt: '夜里的狐狸' }],
    ['model', { model: 'wan2.7-image-pro' }, { model: 'wan2.7-image-pro' }],
    ['size', { size: '2K' }, { size: '2K' }],
    ['n', { n: 2 }, { n: 2 }],
    ['seed', { seed: 8 }, { seed: 8 }],
    ['response_format', { response_format: 'b64_json' }, { response_format: 'b64_json' }],
    ['watermark', { watermark: true }, { watermark: true }],
    ['thinking_mode', { thinking_mode: false }, { thinking_mode: false }],
    ['an unknown parameter', { mystery: 'ink' }, { mystery: 'ink' }],
  ])('of %s takes the place of the value, and of nothing else', async (_name, overrides, expected) => {
    const id = await made({ seed: 7 });
    const [sent, calls] = await callsOf(() => rerun(id, overrides));
    expect([sent.status, calls]).toEqual([200, 1]);
    const { request } = await record(idOf(sent));
    expect(request).toEqual({ ...(await record(id)).request, ...expected });
  });

  test('of seed by null asks for none', async () => {
    const id = await made({ seed: 7 });
    expect((await record(idOf(await rerun(id, { seed: null })))).request).not.toHaveProperty('seed');
  });

  test('of image replaces the inputs; of user and metadata the references', async () => {
    const id = await made({ image: 'https://example.com/one.png', user: 'a', metadata: { order: '1' } });
    const again = await record(
      idOf(await rerun(id, { image: 'https://example.com/other.png', user: 'b', metadata: null })),
    );
    expect(again.input_images.map(({ url }) => url)).toEqual(['https://example.com/other.png']);
    expect(again).toMatchObject({ user: 'b', metadata: null });
  });

  test.each<[object, string, RegExp]>([
    [{ size: '4K' }, 'size', /4K/],
    [{ n: 99 }, 'n', /n/],
    [{ prompt: '' }, 'prompt', /prompt/],
    [{ seed: -1 }, 'seed', /seed/],
  ])('%j is refused, and nothing is sent', async (overrides, param, message) => {
    const id = await made({});
    const [sent, calls] = await callsOf(() => rerun(id, overrides));
    expect([sent.status, sent.body.error.param, calls]).toEqual([400, param, 0]);
    expect(sent.body.error.message).toMatch(message);
  });

  test('that is no object is refused', async () => {
    const id = await made({});
    expect((await rerun(id, [])).status).toBe(400);
  });
});

test('of a generation in the bin it is refused', async () => {
  const id = await made({});
  await fetchChecked(`${history.url}/v1/generations/${id}`, { method: 'DELETE' });
  const [sent, calls] = await callsOf(() => rerun(id));
  expect([sent.status, sent.body.error.code, calls]).toEqual([409, 'generation_deleted', 0]);
});

test('its idempotency key is that of this rerun alone', async () => {
  const [one, other] = [await made({}), await made({})];
  const key = { 'idempotency-key': 'again' };
  const [sent, calls] = await callsOf(async () => [await rerun(one, {}, key), await rerun(one, {}, key)]);
  expect(new Set(sent.map(idOf)).size).toBe(1);
  expect(calls).toBe(1);
  expect((await rerun(other, {}, key)).status).toBe(422);
  expect((await rerun(one, { seed: 1 }, key)).status).toBe(422);
});

describe('a repetition with its key, after what it was made from was deleted,', () => {
  const remove = (path: string): Promise<Response> => fetchChecked(`${history.url}/v1/${path}`, { method: 'DELETE' });
  const withKey = (key: string) => ({ 'idempotency-key': key });

  test.each(['', '?purge=true'])('gets the rerun that was billed: DELETE%s', async (query) => {
    const id = await made({});
    const key = withKey(`parent${query}`);
    const first = await rerun(id, { n: 2 }, key);
    await remove(`generations/${id}${query}`);
    const [again, calls] = await callsOf(() => rerun(id, { n: 2 }, key));
    expect([again.status, idOf(again), calls]).toEqual([200, idOf(first), 0]);
    expect([again.headers.get('idempotent-replayed'), again.body.data.length]).toEqual(['true', 2]);
    const stream = await rerunStreamed(id, { n: 2, stream: true }, key);
    expect(stream.match(/^event: image_generation.completed$/gm)).toHaveLength(2);
    const queued = await rerun(id, { n: 2 }, { ...key, prefer: 'respond-async' });
    expect([queued.status, idOf(queued)]).toEqual([202, idOf(first)]);
    // The key of a request for something else is not that of this one.
    await generate(history.url, BODY, withKey(`other${query}`));
    expect((await rerun(id, { n: 2 }, withKey(`other${query}`))).status).toBe(422);
    // Another key begins nothing, and what is wrong is said.
    expect((await rerun(id, { n: 2 }, withKey('another'))).status).toBe(query === '' ? 409 : 404);
    await remove(`generations/${idOf(first)}${query}`);
    expect((await rerun(id, { n: 2 }, key)).body.error.code).toBe('generation_deleted');
  });

  test('gets the edit of an image of this service', async () => {
    const id = await made({});
    const image = `${history.url}/images/${id}-0`;
    const send = () => generate(history.url, { ...BODY, image }, withKey('of-an-edit'));
    const first = await send();
    expect(first.status).toBe(200);
    await remove(`images/${id}-0?purge=true`);
    const [again, calls] = await callsOf(send);
    expect([again.status, idOf(again), calls]).toEqual([200, idOf(first), 0]);
    expect((await generate(history.url, { ...BODY, image })).status).toBe(400);
    await generate(history.url, BODY, withKey('of-no-edit'));
    expect((await generate(history.url, { ...BODY, image }, withKey('of-no-edit'))).status).toBe(422);
    const forged = `${image}?key=a&signature=b`;
    expect((await generate(history.url, { ...BODY, image: forged }, withKey('of-an-edit'))).status).toBe(400);
  });
});

test('it is enqueued with Prefer: respond-async', async () => {
  const id = await made({});
  const sent = await rerun(id, { seed: 3 }, { prefer: 'respond-async' });
  expect(sent.status).toBe(202);
  await expect.poll(async () => (await record(idOf(sent))).state).toBe('succeeded');
});

test('the lineage has ancestors and descendants, the nearest first, and what was deleted for good without content', async () => {
  const root = await made({});
  const [{ url = '' } = {}] = (await rerun(root)).body.data;
  const edited = await made({ image: url, prompt: '改成夜晚' });
  const parent = (await record(edited)).derived_from[0]?.generation_id ?? '';
  const leaf = idOf(await rerun(edited));
  const lineage = async (id: string): Promise<Lineage> =>
    (await get<Lineage>(history.url, `/v1/generations/${id}/lineage`)).body;
  const { nodes, edges, truncated } = await lineage(edited);
  expect(nodes.map(({ id }) => id)).toEqual([edited, parent, leaf, root]);
  expect(truncated).toBe(false);
  expect(edges).toContainEqual({ from: parent, to: edited, kind: 'edit', image_id: `${parent}-0` });
  expect(edges).toContainEqual({ from: root, to: parent, kind: 'rerun', image_id: null });
  await fetchChecked(`${history.url}/v1/generations/${root}?purge=true`, { method: 'DELETE' });
  expect((await lineage(edited)).nodes.at(-1)).toMatchObject({ id: root, exists: false, prompt: null, images: [] });
  expect((await record(parent)).derived_from).toEqual([{ kind: 'rerun', generation_id: root, image_id: null }]);
});
