import type { GenerationRecord } from '@wan-image/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fetchChecked, generate, get, recordOf } from './support/requests.ts';
import { openHistory, type TestHistory } from './support/test-history.ts';

const request = { model: 'wan2.7-image', prompt: '排队', size: '1K' };
/** For tests that need no settings, and look at their own generation alone. */
let shared: TestHistory & AsyncDisposable;
beforeAll(async () => {
  shared = await openHistory();
});
afterAll(() => shared[Symbol.asyncDispose]());

const later = { prefer: 'respond-async' };
const slow = (ms: number, prompt = '慢'): typeof request => ({
  ...request,
  prompt: `${prompt} [[simulate delay=${ms}]]`,
});

async function act(base: string, id: string, what: string, body: unknown = {}): Promise<Response> {
  return fetchChecked(`${base}/v1/generations/${id}/${what}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

async function disconnect(
  base: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<GenerationRecord> {
  const response = await generate(base, body, { ...later, ...headers });
  expect(response.status).toBe(202);
  return response.body as unknown as GenerationRecord;
}

function record(base: string, id: string, query = ''): Promise<GenerationRecord> {
  return get<GenerationRecord>(base, `/v1/generations/${id}${query}`).then(({ body }) => body);
}

interface Leaving {
  readonly response: Promise<number | undefined>;
  disconnect(): void;
}

/** A client that may disconnect: it has the status of its response, or null. */
function leaving(base: string, body: unknown, headers: object): Leaving {
  const going = new AbortController();
  const response = fetchChecked(`${base}/v1/images/generations`, {
    method: 'POST',
    signal: going.signal,
    // Otherwise the client opens the next connection early, and shutdown waits for a request on it.
    headers: { 'content-type': 'application/json', connection: 'close', ...headers },
    body: JSON.stringify(body),
  }).then(
    // Reads the body to its end: an unread body would delay shutdown.
    async (received) => {
      await received.text();
      return received.status;
    },
    () => undefined,
  );
  return { response, disconnect: () => going.abort() };
}

/** The events of a generation until the server closes the stream, as `event id`. */
async function events(base: string, id: string, lastEventId?: string): Promise<string[]> {
  const headers = lastEventId === undefined ? {} : { 'last-event-id': lastEventId };
  const response = await fetchChecked(`${base}/v1/generations/${id}/events`, { headers });
  if (response.status !== 200) return [`status ${response.status}`];
  const text = await response.text();
  return [...text.matchAll(/event: (\w+)\nid: (\S+)\n/g)].map(([, event, eventId]) => `${event} ${eventId}`);
}

describe('cancel', () => {
  test('a queued generation is canceled at no cost, and its key is released', async () => {
    await using history = await openHistory({ UPSTREAM_CONCURRENCY: '1' });
    const running = generate(history.url, slow(1500));
    await expect.poll(() => history.simulator.totals.calls).toBe(1);
    const waiting = await disconnect(history.url, request, { 'idempotency-key': 'k' });
    const response = await act(history.url, waiting.id, 'cancel');
    expect(await response.json()).toMatchObject({ state: 'canceled', outcome: 'not_billed', sent_at: null });
    expect(response.status).toBe(200);
    expect((await generate(history.url, request, { 'idempotency-key': 'k' })).status).toBe(200);
    expect((await running).status).toBe(200);
    expect(history.simulator.totals.calls).toBe(2);
  });

  test('a queued generation with a waiting client responds to that client', async () => {
    await using history = await openHistory({ UPSTREAM_CONCURRENCY: '1' });
    const running = generate(history.url, slow(1500));
    await expect.poll(() => history.simulator.totals.calls).toBe(1);
    const waiting = generate(history.url, { ...request, prompt: '等' });
    const list = (): Promise<GenerationRecord[]> =>
      get<{ data: GenerationRecord[] }>(history.url, '/v1/generations').then(({ body }) => body.data);
    await expect.poll(async () => (await list())[0]?.state).toBe('queued');
    await act(history.url, (await list())[0]?.id ?? '', 'cancel');
    expect(await waiting).toMatchObject({ status: 409, body: { error: { code: 'canceled' } } });
    await running;
  });

  test('a running generation is aborted: its connection is closed, and its outcome is unknown', async () => {
    await using history = await openHistory();
    const { id } = await disconnect(history.url, slow(20_000));
    await expect.poll(() => history.simulator.totals.calls).toBe(1);
    const response = await act(history.url, id, 'cancel');
    expect(await response.json()).toMatchObject({ state: 'canceled', outcome: 'unknown' });
    expect(response.status).toBe(200);
  });

  test('a generation that has ended cannot be canceled', async () => {
    const made = await recordOf(shared.url, await generate(shared.url, request));
    const response = await act(shared.url, made.id, 'cancel');
    expect(response.status).toBe(409);
    expect(await response.json()).toMatchObject({ error: { code: 'already_ended' } });
  });

  test('ON_DISCONNECT=cancel: a client that disconnects cancels its generation', async () => {
    await using history = await openHistory({ ON_DISCONNECT: 'cancel' });
    const caller = leaving(history.url, slow(20_000), {});
    await expect.poll(() => history.simulator.totals.calls).toBe(1);
    caller.disconnect();
    expect(await caller.response).toBeUndefined();
    await expect
      .poll(async () => (await get<{ data: GenerationRecord[] }>(history.url, '/v1/generations')).body.data)
      .toMatchObject([{ state: 'canceled', outcome: 'unknown' }]);
  });
});

test('ON_DISCONNECT=cancel: a generation with two waiting clients is canceled only when both have disconnected', async () => {
  await using history = await openHistory({ ON_DISCONNECT: 'cancel' });
  const twins = async (body: typeof request, how: object, howAgain = how): Promise<readonly [Leaving, Leaving]> => {
    const before = history.simulator.totals.calls;
    const first = leaving(history.url, body, how);
    await expect.poll(() => history.simulator.totals.calls).toBe(before + 1);
    const second = leaving(history.url, body, howAgain);
    // The second request joins the first after a few statements, which these responses have each more than one of, one after the other.
    for (let pass = 0; pass < 20; pass++) await get(history.url, '/v1/generations');
    return [first, second];
  };
  const [first, second] = await twins(slow(1000, '一'), { 'idempotency-key': '1' });
  const [third, fourth] = await twins(slow(1000, '二'), {}, { 'x-stainless-retry-count': '1' });
  first.disconnect();
  third.disconnect();
  expect([await second.response, await fourth.response]).toEqual([200, 200]);
  const clients = [
    ...(await twins(slow(20_000, '一'), { 'idempotency-key': '2' })),
    ...(await twins(slow(20_000, '二'), {}, { 'x-stainless-retry-count': '1' })),
  ];
  for (const one of clients) one.disconnect();
  const states = async (): Promise<unknown> =>
    (await get<{ data: GenerationRecord[] }>(history.url, '/v1/generations')).body.data.map(({ state }) => state);
  await expect.poll(states).toEqual(['canceled', 'canceled', 'succeeded', 'succeeded']);
  expect(history.simulator.totals.calls).toBe(4);
});

describe('resolve', () => {
  test('an admin settles an unknown outcome once; not billed releases the key', async () => {
    await using history = await openHistory();
    const key = { 'idempotency-key': 'k' };
    const broken = { ...request, prompt: '断 [[simulate status=500 times=1]]' };
    const failed = await generate(history.url, broken, key);
    const { id, outcome } = await recordOf(history.url, failed);
    expect(outcome).toBe('unknown');
    const resolved = await act(history.url, id, 'resolve', { outcome: 'not_billed' });
    expect(resolved.status).toBe(200);
    expect(await resolved.json()).toMatchObject({ state: 'failed', outcome: 'not_billed' });
    expect((await act(history.url, id, 'resolve', { outcome: 'not_billed' })).status).toBe(200);
    expect((await act(history.url, id, 'resolve', { outcome: 'billed' })).status).toBe(409);
    expect((await generate(history.url, broken, key)).status).toBe(200);
  });

  test.each([[{}], [{ outcome: 'unknown' }], [{ outcome: 'billed', more: 1 }], [[]]])('rejects %j', async (body) => {
    const made = await recordOf(shared.url, await generate(shared.url, request));
    const response = await act(shared.url, made.id, 'resolve', body);
    expect(response.status).toBe(400);
    expect(JSON.stringify(await response.json())).toContain('must be \\"billed\\" or \\"not_billed\\"');
    expect((await act(shared.url, made.id, 'resolve', { outcome: 'billed' })).status).toBe(200);
    expect((await act(shared.url, made.id, 'resolve', { outcome: 'not_billed' })).status).toBe(409);
  });
});

describe('events', () => {
  test('report each state and each image, then end; a client that reconnects resumes where it was', async () => {
    const { id } = await disconnect(shared.url, { ...slow(400), n: 2 });
    const told = await events(shared.url, id);
    expect(told.at(0)).toMatch(/^state (queued|running)$/);
    expect(told.filter((event) => event.startsWith('image')).length).toBe(2);
    expect(told.filter((event) => event.startsWith('state succeeded'))).toHaveLength(1);
    expect(told.at(-1)).toMatch(/succeeded\.0-1$/);
    expect(await events(shared.url, id, 'running')).toEqual([
      'image running.0',
      'image running.0-1',
      'state succeeded.0-1',
    ]);
    expect(await events(shared.url, id, 'running.0')).toEqual(['image running.0-1', 'state succeeded.0-1']);
    expect(await events(shared.url, id, 'nonsense!')).toHaveLength(3);
    expect(await events(shared.url, id, 'succeeded.0-1')).toEqual(['status 204']);
  });

  test('of a running generation respond to HEAD at once, without a body', async () => {
    await using history = await openHistory();
    const { id } = await disconnect(history.url, slow(20_000));
    await expect.poll(() => history.simulator.totals.calls).toBe(1);
    const head = await fetchChecked(`${history.url}/v1/generations/${id}/events`, {
      method: 'HEAD',
      signal: AbortSignal.timeout(10_000),
    });
    expect([head.status, head.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
    await act(history.url, id, 'cancel');
  });

  test('of a generation that does not exist are 404', async () => {
    expect(await events(shared.url, '00000000-0000-7000-8000-000000000001')).toEqual(['status 404']);
    expect(await events(shared.url, 'x')).toEqual(['status 404']);
  });
});

test.each(['-1', '61', 'x', '1.5'])('wait=%s is rejected', async (wait) => {
  const made = await recordOf(shared.url, await generate(shared.url, request));
  const response = await get(shared.url, `/v1/generations/${made.id}?wait=${wait}`);
  expect(response).toMatchObject({ status: 400, body: { error: { param: 'wait' } } });
});

describe('upstream limits', () => {
  test('at most UPSTREAM_CONCURRENCY generations are in flight, and all acquire a slot in the end', async () => {
    await using history = await openHistory({ UPSTREAM_CONCURRENCY: '2' });
    const prompts = Array.from({ length: 6 }, (_, n) => `第${n}张`);
    const responses = await Promise.all(prompts.map((prompt) => generate(history.url, slow(200, prompt))));
    expect(responses.map(({ status }) => status)).toEqual(prompts.map(() => 200));
    const { data } = (await get<{ data: GenerationRecord[] }>(history.url, '/v1/generations')).body;
    const times = data.flatMap(({ sent_at, finished_at }) => [
      [Date.parse(sent_at ?? ''), 1] as const,
      [Date.parse(finished_at ?? ''), -1] as const,
    ]);
    let atOnce = 0;
    // Within the same millisecond, releases are counted before acquisitions.
    const most = times
      .toSorted(([one, up], [other, down]) => one - other || up - down)
      .map(([, step]) => (atOnce += step));
    expect(Math.max(...most)).toBe(2);
    expect(atOnce).toBe(0);
  });

  test('at most UPSTREAM_REQUESTS_PER_MINUTE generations are sent within a minute', async () => {
    await using history = await openHistory({ UPSTREAM_REQUESTS_PER_MINUTE: '3' });
    const queued = await Promise.all([1, 2, 3, 4, 5].map((seed) => disconnect(history.url, { ...request, seed })));
    await expect.poll(() => history.simulator.totals.calls).toBe(3);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(history.simulator.totals.calls).toBe(3);
    const states = await Promise.all(queued.map(({ id }) => record(history.url, id).then(({ state }) => state)));
    expect(states.filter((state) => state === 'queued')).toHaveLength(2);
  });
});
