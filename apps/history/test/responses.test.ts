import { once } from 'node:events';
import { startTestServer } from '@wan-image/testing/http-server';
import { encodeImage } from '@wan-image/testing/images';
import { expect, test } from 'vitest';
import { fetchStreaming, generate, recordOf } from './support/requests.ts';
import { openTestData, runHistory, upstreamAt } from './support/test-history.ts';

const request = { model: 'wan2.7-image', prompt: '四张', n: 2, size: '1K', response_format: 'b64_json' };

/** An upstream that sends the first of two images, and the rest once the test allows it. */
async function startHalting(): Promise<
  Awaited<ReturnType<typeof startTestServer>> & { readonly entry: string; goOn(): void; cut(): void }
> {
  const png = await encodeImage({ format: 'png', width: 300, height: 200 });
  const entry = `{"b64_json":"${png.toString('base64')}","revised_prompt":"图 \\"1\\""}`;
  const way = Promise.withResolvers<'on' | 'cut'>();
  const server = await startTestServer(async (_received, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.write(`{"created":7,"usage":{"image_count":2},"data":[${entry},`);
    if ((await way.promise) === 'on') response.end(`${entry}]}`);
    else response.destroy();
  });
  return { ...server, entry, goOn: () => way.resolve('on'), cut: () => way.resolve('cut') };
}

const post = (url: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetchStreaming(`${url}/v1/images/generations`, {
    method: 'POST',
    body: JSON.stringify(request),
    headers: { 'content-type': 'application/json', ...headers },
  });

test('a base64 response begins with its first image, which is already stored and recorded or soon will be', async () => {
  await using upstream = await startHalting();
  await using testData = await openTestData();
  await using history = await runHistory(testData, upstreamAt(upstream.url));
  const response = await post(history.url);
  expect(response.status).toBe(200);
  const known = { status: 200, headers: response.headers, body: null };
  await expect
    .poll(() => recordOf(history.url, known))
    .toMatchObject({ state: 'running', images: [{ index: 0, state: 'stored', width: 300, revised_prompt: '图 "1"' }] });
  upstream.goOn();
  const entry = JSON.parse(upstream.entry) as unknown;
  expect(await response.json()).toEqual({ created: 7, usage: { image_count: 2 }, data: [entry, entry] });
  expect(await recordOf(history.url, known)).toMatchObject({ state: 'succeeded', images: [{}, { index: 1 }] });
});

test('a duplicate request in the middle of the response gets all of it, from the first image on', async () => {
  await using upstream = await startHalting();
  await using testData = await openTestData();
  await using history = await runHistory(testData, upstreamAt(upstream.url));
  const first = await post(history.url, { 'idempotency-key': 'twin' });
  const twin = await post(history.url, { 'idempotency-key': 'twin' });
  upstream.goOn();
  const [one, other] = await Promise.all([first.text(), twin.text()]);
  expect(other).toBe(one);
  const replayed = await generate(history.url, request, { 'idempotency-key': 'twin' });
  expect(replayed.body).toEqual(JSON.parse(one));
  expect(upstream.requests).toHaveLength(1);
});

test('a retry of an SDK in the middle of the response gets all of it, from the first image on', async () => {
  await using upstream = await startHalting();
  await using testData = await openTestData();
  await using history = await runHistory(testData, upstreamAt(upstream.url));
  const first = await post(history.url);
  const retry = await post(history.url, { 'x-stainless-retry-count': '1' });
  upstream.goOn();
  expect(await retry.text()).toBe(await first.text());
  expect(upstream.requests).toHaveLength(1);
});

test('a failure after the first image closes the connections of all waiting clients, and is recorded as billed', async () => {
  await using upstream = await startHalting();
  await using testData = await openTestData();
  await using history = await runHistory(testData, upstreamAt(upstream.url));
  const first = await post(history.url, { 'idempotency-key': 'cut' });
  const twin = await post(history.url, { 'idempotency-key': 'cut' });
  upstream.cut();
  await expect(first.text()).rejects.toThrow('terminated');
  await expect(twin.text()).rejects.toThrow('terminated');
  const later = await generate(history.url, request, { 'idempotency-key': 'cut' });
  expect([later.status, later.headers.get('x-should-retry')]).toEqual([502, 'false']);
  expect(await recordOf(history.url, later)).toMatchObject({
    state: 'failed',
    outcome: 'billed',
    images: [{ index: 0, state: 'stored' }],
  });
});

test('a disconnect in the middle of the response does not stop the generation', async () => {
  await using upstream = await startHalting();
  await using testData = await openTestData();
  await using history = await runHistory(testData, upstreamAt(upstream.url));
  const response = await post(history.url);
  await response.body?.cancel();
  upstream.goOn();
  const known = { status: 200, headers: response.headers, body: null };
  await expect
    .poll(() => recordOf(history.url, known))
    .toMatchObject({ state: 'succeeded', outcome: 'billed', images: [{ state: 'stored' }, { state: 'stored' }] });
});

test('a client that does not read its response delays nothing: the generation ends and is recorded', async () => {
  const png = Buffer.concat([await encodeImage({ format: 'png', width: 300, height: 200 }), Buffer.alloc(20_000_000)]);
  const entry = `{"b64_json":"${png.toString('base64')}"}`;
  await using upstream = await startTestServer(async (_received, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).write(`{"created":7,"data":[${entry},`);
    await once(response, 'drain');
    response.end(`${entry}]}`);
  });
  await using testData = await openTestData();
  await using history = await runHistory(testData, upstreamAt(upstream.url));
  const response = await post(history.url);
  const known = { status: 200, headers: response.headers, body: null };
  await expect
    .poll(() => recordOf(history.url, known))
    .toMatchObject({ state: 'succeeded', images: [{ bytes: png.length }, { bytes: png.length }] });
  const { data } = (await response.json()) as { data: { b64_json: string }[] };
  for (const { b64_json: base64 } of data) expect(Buffer.from(base64, 'base64').equals(png)).toBe(true);
});
