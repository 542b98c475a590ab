import { setTimeout as sleep } from 'node:timers/promises';
import type { GenerationList } from '@wan-image/core';
import { sendJson, startTestServer } from '@wan-image/testing/http-server';
import { dataUri, encodeImage } from '@wan-image/testing/images';
import { disposable } from '@wan-image/testing/resource';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { onDatabase } from './support/on-database.ts';
import { fetchStreaming, generate, get, type JsonResponse, recordOf } from './support/requests.ts';
import {
  openHistory,
  openTestData,
  runHistory,
  runSimulator,
  upstreamAt,
  type TestData,
  type TestHistory,
} from './support/test-history.ts';

const model = 'wan2.7-image';
const REPLAYED = 'idempotent-replayed';

let history: TestHistory & AsyncDisposable;
let billed = 0;
beforeAll(async () => {
  history = await openHistory();
});
afterAll(() => history[Symbol.asyncDispose]());
afterEach(() => {
  vi.useRealTimers();
  billed = history.simulator.totals.calls;
});

/** Upstream requests since the test began. */
const calls = (): number => history.simulator.totals.calls - billed;
const idOf = ({ headers }: JsonResponse<unknown>): string | null => headers.get('x-generation-id');
const keyed = (key: string): Record<string, string> => ({ 'idempotency-key': key });

/** Keys are judged by the database's clock: that of PGlite is the clock of the process. */
async function letDayPass(testData: TestData): Promise<void> {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 24 * 60 * 60 * 1000 + 1000 });
  if (testData.environment['DATABASE_URL'] === undefined) return;
  await onDatabase(testData, `update idempotency_key set created_at = created_at - interval '24 hours 1 second'`);
}

describe('a request with a used idempotency key', () => {
  test.each(['url', 'b64_json'])('gets the first response, and is not generated again (%s)', async (format) => {
    const request = { model, prompt: '一间花店', n: 2, size: '1K', response_format: format };
    const first = await generate(history.url, request, keyed(`same-${format}`));
    const second = await generate(history.url, request, keyed(`same-${format}`));
    expect(second.body).toEqual(first.body);
    expect([second.status, idOf(second)]).toEqual([200, idOf(first)]);
    expect([first.headers.get(REPLAYED), second.headers.get(REPLAYED)]).toEqual([null, 'true']);
    expect(calls()).toBe(1);
  });

  test('matches regardless of how its JSON is written', async () => {
    const first = await generate(history.url, { model, prompt: '海', size: '2K', n: 1 }, keyed('written'));
    const second = await generate(history.url, `{"prompt":"\\u6d77", "model":"${model}"}`, keyed('written'));
    expect(second.body).toEqual(first.body);
    expect(calls()).toBe(1);
  });

  test('waits for the first one in flight, as do all others', async () => {
    const request = { model, prompt: '山 [[simulate delay=300]]', size: '1K' };
    const responses = await Promise.all(
      Array.from({ length: 8 }, () => generate(history.url, request, keyed('twins'))),
    );
    expect(new Set(responses.map((response) => JSON.stringify(response.body))).size).toBe(1);
    expect(calls()).toBe(1);
  });

  test('is rejected with a different body', async () => {
    await generate(history.url, { model, prompt: '花', size: '1K' }, keyed('other'));
    const { status, body } = await generate(history.url, { model, prompt: '草', size: '1K' }, keyed('other'));
    expect(status).toBe(422);
    expect(body.error).toMatchObject({ code: 'idempotency_key_reuse', param: 'Idempotency-Key' });
    expect(calls()).toBe(1);
  });

  test('is sent if the first was not billed', async () => {
    const request = { model, prompt: '树 [[simulate status=400 times=1]]', size: '1K' };
    expect((await generate(history.url, request, keyed('free'))).status).toBe(400);
    expect((await generate(history.url, request, keyed('free'))).status).toBe(200);
    const corrected = await generate(history.url, { ...request, size: '5K' }, keyed('corrected'));
    expect(corrected.status).toBe(400);
    expect((await generate(history.url, request, keyed('corrected'))).status).toBe(200);
  });

  test('is not sent if the first may have been billed: it gets the same error', async () => {
    const request = { model, prompt: '云 [[simulate status=500 times=1]]', size: '1K' };
    const first = await generate(history.url, request, keyed('unknown'));
    const second = await generate(history.url, request, keyed('unknown'));
    expect(second.body).toEqual(first.body);
    expect([first.status, second.status]).toEqual([500, 500]);
    expect(second.headers.get('x-should-retry')).toBe('false');
    expect(second.headers.get(REPLAYED)).toBe('true');
    expect(await recordOf(history.url, second)).toMatchObject({ state: 'failed', outcome: 'unknown' });
    expect(calls()).toBe(1);
  });

  test('is a new request after a day', async () => {
    const request = { model, prompt: '雨', size: '1K' };
    const first = await generate(history.url, request, keyed('day'));
    await letDayPass(history.testData);
    const later = await generate(history.url, request, keyed('day'));
    expect(idOf(later)).not.toBe(idOf(first));
    expect(calls()).toBe(2);
  });

  test('still matches after a day if the first has not ended', async () => {
    const request = { model, prompt: '雾 [[simulate delay=1500]]', size: '1K' };
    const responding = generate(history.url, request, keyed('long'));
    await expect.poll(calls).toBe(1);
    await letDayPass(history.testData);
    const later = await generate(history.url, request, keyed('long'));
    expect(idOf(later)).toBe(idOf(await responding));
    expect(calls()).toBe(1);
  });

  test('is rejected if the key is invalid', async () => {
    const { status, body } = await generate(history.url, { model, prompt: '花' }, keyed('x'.repeat(256)));
    expect([status, body.error.param]).toEqual([400, 'Idempotency-Key']);
    expect(calls()).toBe(0);
  });
});

test('a key replays its response after a restart', async () => {
  await using testData = await openTestData();
  await using simulator = await runSimulator();
  const request = { model, prompt: '雪', size: '1K', response_format: 'b64_json' };
  const ask = async (): Promise<JsonResponse<{ created: number; data: readonly object[] }>> => {
    await using service = await runHistory(testData, upstreamAt(simulator.url));
    return await generate(service.url, request, keyed('restart'));
  };
  const [first, second] = [await ask(), await ask()];
  expect(second.body).toEqual(first.body);
  expect(simulator.totals.calls).toBe(1);
});

/** An upstream that responds with one image, which is slow to fetch. */
async function startSlowUpstream(
  created: unknown,
): Promise<{ readonly url: string; readonly posts: () => number } & AsyncDisposable> {
  const png = await encodeImage({ format: 'png', width: 320, height: 240 });
  let posts = 0;
  const server = await startTestServer(async (request, response) => {
    if (request.method !== 'POST') {
      await sleep(500);
      return void response.writeHead(200, { 'content-type': 'image/png' }).end(png);
    }
    posts++;
    return sendJson(response, 200, { created, data: [{ url: `http://${request.headers.host}/1.png` }] });
  });
  return disposable({ url: server.url, posts: () => posts }, async () => server[Symbol.asyncDispose]());
}

test('a response whose created is not an integer is recorded, and can be replayed', async () => {
  await using testData = await openTestData();
  await using upstream = await startSlowUpstream(1_763_884_372.52);
  await using service = await runHistory(testData, upstreamAt(upstream.url));
  const request = { model, prompt: '星', size: '1K' };
  const first = await generate(service.url, request, keyed('float'));
  expect(await recordOf(service.url, first)).toMatchObject({ state: 'succeeded', outcome: 'billed' });
  const second = await generate(service.url, request, keyed('float'));
  expect(second.body).toEqual(first.body);
  expect(first.body.created).toBe(1_763_884_372);
  expect(upstream.posts()).toBe(1);
});

describe('an SDK that retries without a key', () => {
  const again = { 'x-stainless-retry-count': '1' };

  test('joins its first request while that is in flight', async () => {
    const request = { model, prompt: '河 [[simulate delay=400]]', size: '1K' };
    const first = generate(history.url, request);
    await expect.poll(calls).toBe(1);
    const second = await generate(history.url, request, again);
    expect(second.body).toEqual((await first).body);
    expect(second.headers.get(REPLAYED)).toBe('true');
    expect(calls()).toBe(1);
  });

  /** A client that disconnects before its response begins. */
  async function disconnect(request: object): Promise<void> {
    const before = calls();
    const going = new AbortController();
    const body = JSON.stringify(request);
    const headers = { 'content-type': 'application/json' };
    const response = fetchStreaming(`${history.url}/v1/images/generations`, {
      method: 'POST',
      body,
      headers,
      signal: going.signal,
    });
    await expect.poll(calls).toBe(before + 1);
    going.abort();
    await expect(response).rejects.toMatchObject({ name: 'AbortError' });
  }

  async function ended(prompt: string): Promise<void> {
    await expect
      .poll(async () => (await get<GenerationList>(history.url, '/v1/generations')).body.data)
      .toContainEqual(expect.objectContaining({ prompt, finished_at: expect.any(String) as string }));
  }

  test('gets the generation that ended after its disconnect, once', async () => {
    const request = { model, prompt: '断线 [[simulate delay=300]]', size: '1K' };
    await disconnect(request);
    await ended(request.prompt);
    const before = calls();
    const second = await generate(history.url, request, again);
    expect(second.status).toBe(200);
    expect(second.headers.get(REPLAYED)).toBe('true');
    expect(calls()).toBe(before);
    const third = await generate(history.url, request, again);
    expect(third.headers.get(REPLAYED)).toBeNull();
    expect(calls()).toBe(before + 1);
  });

  test('sends a request that was not billed again, also after a disconnect', async () => {
    const request = { model, prompt: '拒绝 [[simulate status=400 delay=300 times=1]]', size: '1K' };
    await disconnect(request);
    await ended(request.prompt);
    const before = calls();
    const second = await generate(history.url, request, again);
    expect(second.status).toBe(200);
    expect(calls()).toBe(before + 1);
  });

  test('enqueues a deferred generation once', async () => {
    const request = { model, prompt: '稍后 [[simulate delay=600]]', size: '1K' };
    const later = { prefer: 'respond-async' };
    const first = await generate(history.url, request, later);
    const second = await generate(history.url, request, { ...later, ...again });
    expect(second.headers.get('x-generation-id')).toBe(first.headers.get('x-generation-id'));
    expect(second.headers.get(REPLAYED)).toBe('true');
  });

  test('joins its first request while its images are being fetched or its inputs stored', async () => {
    await using testData = await openTestData();
    await using upstream = await startSlowUpstream(1);
    await using service = await runHistory(testData, upstreamAt(upstream.url));
    const request = {
      model,
      prompt: '月',
      size: '1K',
      image: await dataUri({ format: 'png', width: 320, height: 240 }),
    };
    const first = generate(service.url, request);
    const second = generate(service.url, request, again);
    await expect.poll(upstream.posts).toBeGreaterThan(0);
    await sleep(200);
    const third = generate(service.url, request, { 'x-stainless-retry-count': '2' });
    const bodies = (await Promise.all([first, second, third])).map(({ body }) => JSON.stringify(body));
    expect(new Set(bodies).size).toBe(1);
    expect(upstream.posts()).toBe(1);
  });

  test('generates another image if nothing is in flight, as does a request without the retry header', async () => {
    const request = { model, prompt: '湖', size: '1K' };
    for (const headers of [{}, {}, again]) await generate(history.url, request, headers);
    expect(calls()).toBe(3);
  });
});
