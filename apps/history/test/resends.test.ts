import type { GenerationList } from '@wan-image/core';
import { sendJson, startTestServer } from '@wan-image/testing/http-server';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ADMIN_API_KEY, bearer, createKey } from './support/access.ts';
import { allEnded, sendAndCut } from './support/cut-requests.ts';
import { fetchStreaming, generate, get, recordOf, send, type JsonResponse } from './support/requests.ts';
import {
  openHistory,
  openTestData,
  runHistory,
  runSimulator,
  upstreamAt,
  type TestHistory,
} from './support/test-history.ts';

const retry = (count: number): Record<string, string> => ({ 'x-stainless-retry-count': String(count) });
const AI_SDK = { 'user-agent': 'ai-sdk/openai-compatible/2.0.1 runtime/node.js/24' };
const idOf = ({ headers }: JsonResponse<unknown>): string | null => headers.get('x-generation-id');
const isReplay = ({ headers }: JsonResponse<unknown>): boolean => headers.get('idempotent-replayed') === 'true';

let history: TestHistory & AsyncDisposable;
beforeAll(async () => {
  history = await openHistory();
});
afterAll(() => history[Symbol.asyncDispose]());

const requestOf = (prompt: string, faults = ''): { model: string; prompt: string; size: string } => ({
  model: 'wan2.7-image',
  prompt: `${prompt}${faults === '' ? '' : ` [[simulate ${faults}]]`}`,
  size: '1K',
});

/** How many requests have reached the upstream since the last call. */
let counted = 0;
function newCalls(): number {
  const before = counted;
  counted = history.simulator.totals.calls;
  return counted - before;
}

describe('equal requests whose connections are cut', () => {
  test('each retry gets a generation of its own, while they run', async () => {
    const request = requestOf('两只猫', 'delay=1500');
    newCalls();
    await sendAndCut(history, request, 2);
    const retries = await Promise.all([
      generate(history.url, request, retry(1)),
      generate(history.url, request, retry(1)),
    ]);
    expect(retries.map(({ status }) => status)).toEqual([200, 200]);
    expect(retries.every(isReplay)).toBe(true);
    expect(new Set(retries.map(idOf)).size).toBe(2);
    expect(newCalls()).toBe(2);
  });

  test('each retry gets a generation of its own, after they have ended, one after the other', async () => {
    const request = requestOf('三只猫', 'delay=300');
    await sendAndCut(history, request, 3);
    await allEnded(history.url, request.prompt);
    newCalls();
    const ids = new Set<string | null>();
    for (let count = 0; count < 3; count++) {
      const response = await generate(history.url, request, retry(1));
      expect([response.status, isReplay(response)]).toEqual([200, true]);
      ids.add(idOf(response));
    }
    expect([ids.size, newCalls()]).toEqual([3, 0]);
    expect(isReplay(await generate(history.url, request, retry(1)))).toBe(false);
    expect(newCalls()).toBe(1);
  });

  test('more retries than generations begin what is missing', async () => {
    const request = requestOf('四只猫', 'delay=800');
    await sendAndCut(history, request, 2);
    newCalls();
    const retries = await Promise.all(Array.from({ length: 3 }, () => generate(history.url, request, retry(1))));
    expect(new Set(retries.map(idOf)).size).toBe(3);
    expect(newCalls()).toBe(1);
  });

  test('a retry whose connection is cut too leaves the generation to the next retry', async () => {
    const request = requestOf('五只猫', 'delay=1500');
    newCalls();
    await sendAndCut(history, request, 2);
    for (const count of [1, 2]) {
      const cutting = new AbortController();
      const body = JSON.stringify(request);
      const headers = { 'content-type': 'application/json', ...retry(count) };
      const again = Array.from({ length: 2 }, () =>
        fetchStreaming(`${history.url}/v1/images/generations`, {
          method: 'POST',
          body,
          headers,
          signal: cutting.signal,
        }),
      );
      // The list responds after both retries were read.
      await get(history.url, '/v1/generations');
      await get(history.url, '/v1/generations');
      cutting.abort();
      for (const one of again) await expect(one).rejects.toMatchObject({ name: 'AbortError' });
    }
    const last = await Promise.all([
      generate(history.url, request, retry(3)),
      generate(history.url, request, retry(3)),
    ]);
    expect([new Set(last.map(idOf)).size, newCalls()]).toEqual([2, 2]);
  });

  test('a retry takes over a connection that is not known to be broken, once for each count', async () => {
    const way = Promise.withResolvers<void>();
    await using upstream = await startTestServer(async (_request, response) => {
      await way.promise;
      sendJson(response, 200, { created: 1, data: [{ b64_json: 'iVBORw0KGgo=' }] });
    });
    await using testData = await openTestData();
    await using service = await runHistory(testData, upstreamAt(upstream.url));
    const request = { ...requestOf('七只猫'), response_format: 'b64_json' };
    const first = generate(service.url, request);
    await expect.poll(() => upstream.requests.length).toBe(1);
    const retries = [generate(service.url, request, retry(1)), generate(service.url, request, retry(1))];
    // Only once one of them has the first generation, the other begins its own.
    await expect.poll(() => upstream.requests.length).toBe(2);
    way.resolve();
    const [second, third] = await Promise.all(retries);
    expect([second, third].filter((one) => one && isReplay(one))).toHaveLength(1);
    expect([second, third].map((one) => one && idOf(one))).toContain(idOf(await first));
    expect(upstream.requests).toHaveLength(2);
  });

  test('a retry with another API key of the project does not get it', async () => {
    await using keyed = await openHistory({ ADMIN_API_KEY });
    const [one, other] = [await createKey(keyed.url), await createKey(keyed.url)];
    const request = requestOf('钥匙', 'delay=300');
    await sendAndCut(keyed, request, 1, bearer(one.key));
    const foreign = await generate(keyed.url, request, { ...bearer(other.key), ...retry(1) });
    expect([foreign.status, isReplay(foreign)]).toEqual([200, false]);
    expect(isReplay(await generate(keyed.url, request, { ...bearer(one.key), ...retry(1) }))).toBe(true);
    expect(keyed.simulator.totals.calls).toBe(2);
  });

  test('an AI SDK, which does not say that it retries, gets what was cut, once', async () => {
    const request = requestOf('八只猫', 'delay=300');
    newCalls();
    await sendAndCut(history, request, 1, AI_SDK);
    await allEnded(history.url, request.prompt);
    expect(isReplay(await generate(history.url, request, AI_SDK))).toBe(true);
    expect(newCalls()).toBe(1);
    expect(isReplay(await generate(history.url, request, AI_SDK))).toBe(false);
    expect(newCalls()).toBe(1);
  });

  test.each([
    ['an AI SDK', AI_SDK],
    ['a retry', retry(1)],
  ])('%s does not take what another client waits for, if there is one that was cut', async (_name, headers) => {
    const way = Promise.withResolvers<void>();
    await using upstream = await startTestServer(async (_request, response) => {
      await way.promise;
      sendJson(response, 200, { created: 1, data: [{ b64_json: 'iVBORw0KGgo=' }] });
    });
    await using testData = await openTestData();
    await using service = await runHistory(testData, upstreamAt(upstream.url));
    const request = { ...requestOf('六只猫'), response_format: 'b64_json' };
    const waiting = generate(service.url, request);
    await expect.poll(() => upstream.requests.length).toBe(1);
    const cutting = new AbortController();
    const init = { method: 'POST', body: JSON.stringify(request), headers: { 'content-type': 'application/json' } };
    const cut = fetchStreaming(`${service.url}/v1/images/generations`, { ...init, signal: cutting.signal });
    await expect.poll(() => upstream.requests.length).toBe(2);
    cutting.abort();
    await expect(cut).rejects.toMatchObject({ name: 'AbortError' });
    const again = generate(service.url, request, headers);
    // Its response comes after the retry was read.
    await get(service.url, '/v1/generations');
    way.resolve();
    expect(idOf(await again)).not.toBe(idOf(await waiting));
    expect([isReplay(await again), upstream.requests.length]).toEqual([true, 2]);
  });
});

describe('a request whose outcome is unknown', () => {
  const failing = (prompt: string) => requestOf(prompt, 'status=500 times=1');

  test.each([
    ['the AI SDK', AI_SDK],
    ['an SDK that counts its retries', retry(1)],
  ])('is not sent again by %s, which gets the error once more', async (name, headers) => {
    const request = failing(`未知 ${name}`);
    newCalls();
    const first = await generate(history.url, request);
    for (let count = 0; count < 3; count++) {
      const again = await generate(history.url, request, headers);
      expect([again.status, again.body]).toEqual([500, first.body]);
      expect([isReplay(again), idOf(again)]).toEqual([true, idOf(first)]);
      expect(again.headers.get('x-should-retry')).toBe('false');
    }
    expect(newCalls()).toBe(1);
  });

  test.each([
    ['by a client that does not send again by itself', {}],
    ['with an idempotency key', { ...AI_SDK, 'idempotency-key': 'new' }],
  ])('is sent again %s', async (name, headers) => {
    const request = failing(`再来 ${name}`);
    await generate(history.url, request);
    newCalls();
    expect((await generate(history.url, request, headers)).status).toBe(200);
    expect(newCalls()).toBe(1);
  });

  test('is sent again with another API key, with other parameters, and once its outcome is resolved', async () => {
    await using keyed = await openHistory({ ADMIN_API_KEY });
    const [one, other] = [await createKey(keyed.url), await createKey(keyed.url)];
    const request = failing('换');
    const failed = await generate(keyed.url, request, bearer(one.key));
    expect((await generate(keyed.url, request, { ...AI_SDK, ...bearer(other.key) })).status).toBe(200);
    expect((await generate(keyed.url, { ...request, seed: 1 }, { ...AI_SDK, ...bearer(one.key) })).status).toBe(200);
    expect((await generate(keyed.url, request, { ...AI_SDK, ...bearer(one.key) })).status).toBe(500);
    await send(`${keyed.url}/v1/generations/${idOf(failed)}/resolve`, {
      method: 'POST',
      body: { outcome: 'billed' },
      headers: bearer(ADMIN_API_KEY),
    });
    expect((await generate(keyed.url, request, { ...AI_SDK, ...bearer(one.key) })).status).toBe(200);
  });

  test('is not sent again after the upstream has cut its response', async () => {
    await using upstream = await startTestServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write('{"created":1,"data":[{');
      response.socket?.end();
    });
    await using testData = await openTestData();
    await using service = await runHistory(testData, upstreamAt(upstream.url));
    const request = requestOf('半截');
    const first = await generate(service.url, request, AI_SDK);
    expect(await recordOf(service.url, first)).toMatchObject({ outcome: 'unknown' });
    const again = await generate(service.url, request, AI_SDK);
    expect([again.status, again.body, isReplay(again)]).toEqual([first.status, first.body, true]);
    expect(upstream.requests).toHaveLength(1);
  });
});

test('what was not billed is sent again by any client', async () => {
  const request = requestOf('没付', 'status=400 times=1');
  newCalls();
  expect((await generate(history.url, request, AI_SDK)).status).toBe(400);
  expect((await generate(history.url, request, AI_SDK)).status).toBe(200);
  expect(newCalls()).toBe(2);
});

test('a response that no client received survives a restart', async () => {
  await using testData = await openTestData();
  await using simulator = await runSimulator();
  const request = requestOf('重启', 'delay=300');
  {
    await using service = await runHistory(testData, upstreamAt(simulator.url));
    await sendAndCut({ url: service.url, simulator }, request, 2);
    await allEnded(service.url, request.prompt);
  }
  await using service = await runHistory(testData, upstreamAt(simulator.url));
  const [one, other, third] = [
    await generate(service.url, request, retry(1)),
    await generate(service.url, request, retry(1)),
    await generate(service.url, request, retry(1)),
  ];
  expect([one, other, third].map(isReplay)).toEqual([true, true, false]);
  expect(idOf(one)).not.toBe(idOf(other));
  expect(simulator.totals.calls).toBe(3);
  expect((await get<GenerationList>(service.url, '/v1/generations')).body.data).toHaveLength(3);
});
