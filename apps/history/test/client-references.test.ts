import { createHistoryClient, type GenerationList } from '@wan-image/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { generate, get } from './support/requests.ts';
import { openHistory, type TestHistory } from './support/test-history.ts';

const BODY = { model: 'wan2.7-image', prompt: '一间花店', size: '1K' };

let history: TestHistory & AsyncDisposable;
let ids: string[];
beforeAll(async () => {
  history = await openHistory();
  ids = [];
  for (const reference of [
    { user: '小王', metadata: { order: '4711', shop: '花' } },
    { user: '小王' },
    { metadata: { order: '4711' } },
    { metadata: { order: '47' }, user: '小' },
    {},
  ]) {
    const { headers } = await generate(history.url, { ...BODY, ...reference });
    ids.push(headers.get('x-generation-id') ?? '');
  }
});
afterAll(() => history[Symbol.asyncDispose]());

/** The places in `ids` of the generations of a list, newest first. */
async function found(query: string): Promise<number[]> {
  const { data } = (await get<GenerationList>(history.url, `/v1/generations?${query}`)).body;
  return data.map(({ id }) => ids.indexOf(id));
}

test('a list is filtered by the whole user, and by every given pair', async () => {
  expect(await found('')).toEqual([4, 3, 2, 1, 0]);
  expect(await found(`user=${encodeURIComponent('小王')}`)).toEqual([1, 0]);
  expect(await found('metadata[order]=4711')).toEqual([2, 0]);
  expect(await found(`metadata%5Border%5D=4711&metadata[shop]=${encodeURIComponent('花')}`)).toEqual([0]);
  expect(await found(`user=${encodeURIComponent('小王')}&metadata[order]=47`)).toEqual([]);
  expect(await found('metadata[other]=4711')).toEqual([]);
});

test('a page of a filtered list continues with the filter', async () => {
  const client = createHistoryClient({ baseUrl: history.url, apiKey: 'none' });
  const listed: number[] = [];
  for await (const { id } of client.list({ metadata: { order: '4711' }, limit: 1 })) listed.push(ids.indexOf(id));
  expect(listed).toEqual([2, 0]);
});

test.each([
  ['user=', 'user', /user is empty/],
  ['user=a&user=b', 'user', /got a list of 2/],
  ['user=%00', 'user', /NUL/],
  ['metadata[a]=%00', 'metadata', /NUL/],
  ['metadata[a]=1&metadata[a]=2', 'metadata[a]', /metadata\[a\] must be a string/],
  ['metadata=1', 'metadata', /Known parameters: limit, cursor, .*, user, metadata\[key\]/],
  ['users=1', 'users', /Unknown query parameter "users"/],
])('the query %s is refused', async (query, param, message) => {
  const { status, body } = await get<{ error: { param: string; message: string } }>(
    history.url,
    `/v1/generations?${query}`,
  );
  expect([status, body.error.param, body.error.message]).toEqual([400, param, expect.stringMatching(message)]);
});

test('a reference is a part of the request: another one is another request of the same key', async () => {
  const key = { 'idempotency-key': 'one-order' };
  const first = await generate(history.url, { ...BODY, metadata: { order: '1' } }, key);
  const again = await generate(history.url, { ...BODY, metadata: { order: '1' } }, key);
  expect([again.status, again.headers.get('x-generation-id')]).toEqual([200, first.headers.get('x-generation-id')]);
  for (const other of [{}, { metadata: { order: '2' } }, { metadata: { order: '1' }, user: 'u' }])
    expect((await generate(history.url, { ...BODY, ...other }, key)).status).toBe(422);
});
