import { sendJson, startTestServer } from '@wan-image/testing/http-server';
import { describe, expect, test } from 'vitest';
import { createClient, type Hooks } from '../index.node.ts';

const request = { model: 'wan2.7-image', prompt: '一间花店' } as const;
const imageResponse = { created: 1, data: [{ url: 'https://a.example/1.png' }] };

interface Seen {
  readonly hook: string;
  readonly event: { readonly call: object; readonly [key: string]: unknown };
}

function recorded(): { hooks: Hooks; seen: Seen[] } {
  const seen: Seen[] = [];
  const record =
    (hook: string) =>
    (event: object): void =>
      void seen.push({ hook, event: event as Seen['event'] });
  const hooks = {
    request: record('request'),
    response: record('response'),
    retry: record('retry'),
    error: record('error'),
    done: record('done'),
  };
  return { hooks, seen };
}

test('hooks report every attempt, from the request to the end of the call', async () => {
  await using server = await startTestServer((_request, response, count) =>
    count === 1
      ? sendJson(response, 429, { error: { message: 'slow' } }, { 'retry-after-ms': '1', 'x-request-id': 'r1' })
      : sendJson(response, 200, imageResponse, { 'x-request-id': 'r2' }),
  );
  const { hooks, seen } = recorded();
  await createClient({ baseUrl: server.url, apiKey: 'k', hooks }).generate(request, { idempotencyKey: 'mine' });
  expect(seen.map(({ hook }) => hook)).toEqual(['request', 'response', 'retry', 'request', 'response', 'done']);
  expect(new Set(seen.map(({ event }) => event.call)).size).toBe(1);
  expect(seen[0]?.event).toMatchObject({
    call: { operation: 'generate', method: 'POST', url: `${server.url}/v1/images/generations`, idempotencyKey: 'mine' },
    attempt: 1,
    bodyBytes: Buffer.byteLength(server.requests[0]?.body ?? ''),
  });
  expect(seen[1]?.event).toMatchObject({ attempt: 1, status: 429, requestId: 'r1' });
  expect(seen[2]?.event).toMatchObject({ attempt: 1, delayMs: 1, error: { kind: 'rate_limited' } });
  expect(seen[4]?.event).toMatchObject({ attempt: 2, status: 200, requestId: 'r2' });
  expect(seen[5]?.event).toMatchObject({ attempts: 2 });
  expect(seen[5]?.event['durationMs']).toBeGreaterThanOrEqual(1);
});

test('a failed call ends with the error hook', async () => {
  await using server = await startTestServer((_request, response) => sendJson(response, 500, {}));
  const { hooks, seen } = recorded();
  const failed = createClient({ baseUrl: server.url, apiKey: 'k', hooks }).generate(request);
  await expect(failed).rejects.toMatchObject({ outcome: 'unknown' });
  expect(seen.map(({ hook }) => hook)).toEqual(['request', 'response', 'error']);
  expect(seen[2]?.event).toMatchObject({ error: { kind: 'server_failed', attempts: 1 } });
});

test('a stream that is closed early ends with the error hook', async () => {
  await using server = await startTestServer((_request, response) => sendJson(response, 200, imageResponse));
  const { hooks, seen } = recorded();
  for await (const _ of createClient({ baseUrl: server.url, apiKey: 'k', hooks }).stream(request)) break;
  expect(seen.map(({ hook }) => hook)).toEqual(['request', 'response', 'error']);
  expect(seen[2]?.event).toMatchObject({ error: { kind: 'canceled', outcome: 'unknown' } });
});

test.each([
  [
    'throws',
    () => {
      throw new Error('the log is full');
    },
  ],
  ['rejects', () => Promise.reject(new Error('the log is full'))],
])('a hook that %s does not fail the call', async (_how, hook) => {
  await using server = await startTestServer((_request, response) => sendJson(response, 200, imageResponse));
  const hooks = { request: hook, response: hook, done: hook };
  const { images } = await createClient({ baseUrl: server.url, apiKey: 'k', hooks }).generate(request);
  expect(images).toHaveLength(1);
});

describe('the raw response', () => {
  test('is part of the result, with its JSON as received', async () => {
    const odd = { ...imageResponse, usage: { images: 1 }, data: [{ url: 'https://a.example/1.png', odd: null }] };
    await using server = await startTestServer((_request, response) =>
      sendJson(response, 200, odd, { 'x-oneapi-request-id': 'r7', 'x-more': 'a' }),
    );
    const { raw } = await createClient({ baseUrl: server.url, apiKey: 'k' }).generate(request);
    expect(raw).toMatchObject({ status: 200, requestId: 'r7', json: odd });
    expect(raw.headers['x-more']).toBe('a');
  });

  test('of a failure, a retry and every other call is passed to onResponse', async () => {
    await using server = await startTestServer(({ path }, response, count) =>
      count === 1
        ? sendJson(response, 429, { error: { message: 'slow', more: 1 } }, { 'retry-after-ms': '1' })
        : path === '/v1/models'
          ? sendJson(response, 200, { data: [{ id: 'wan2.7-image', extra: true }] })
          : sendJson(response, 400, { code: 'InvalidParameter', message: 'no', request_id: 'r' }),
    );
    const responses: [number, unknown][] = [];
    const client = createClient({ baseUrl: server.url, apiKey: 'k' });
    const onResponse = ({ status, json }: { status: number; json: unknown }): void =>
      void responses.push([status, json]);
    await client.generate(request, { onResponse }).catch(() => undefined);
    await client.models({ onResponse });
    expect(responses).toEqual([
      [429, { error: { message: 'slow', more: 1 } }],
      [400, { code: 'InvalidParameter', message: 'no', request_id: 'r' }],
      [200, { data: [{ id: 'wan2.7-image', extra: true }] }],
    ]);
  });
});
