import { failureOf } from '@wan-image/testing/failures';
import { sendJson, startTestServer } from '@wan-image/testing/http-server';
import { describe, expect, test } from 'vitest';
import { createClient as createFetchClient, isWanImageError, type RetryEvent, type Transport } from '../index.ts';
import { createClient as createNodeClient } from '../index.node.ts';
import { createClient as createPortableClient } from '../portable.ts';
import { createFakeClock } from '../testing.ts';

const request = { model: 'wan2.7-image', prompt: '花店' } as const;
const successBody = new TextEncoder().encode('{"created":1,"data":[{"url":"https://a.example/1.png"}]}');

async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}

/** A client whose transport responds with these statuses, one after the other, and its fake clock. */
function scripted(statuses: readonly number[], headers: Record<string, string> = {}) {
  const clock = createFakeClock(1_000_000);
  const keys: (string | undefined)[] = [];
  const transport: Transport = async (sent) => {
    keys.push(sent.headers['idempotency-key']);
    const status = statuses[keys.length - 1] ?? 200;
    return {
      status,
      headers,
      body: once(status === 200 ? successBody : new TextEncoder().encode('{"error":{"message":"no"}}')),
    };
  };
  const retries: RetryEvent[] = [];
  const client = createPortableClient({
    baseUrl: 'http://server.example',
    apiKey: 'sk-test-key-123456',
    transport,
    clock,
    random: () => 0.5,
    newIdempotencyKey: () => `key-${keys.length}`,
    hooks: { retry: (event) => retries.push(event) },
  });
  return { client, clock, keys, retries, delays: () => retries.map(({ delayMs }) => delayMs) };
}

describe('delays between attempts', () => {
  test('double, with a jitter of half their length', async () => {
    const { client, clock, delays, keys } = scripted([429, 429, 429]);
    const work = client.generate(request);
    await clock.advance(10_000);
    expect((await work).attempts).toBe(4);
    expect(delays()).toEqual([375, 750, 1500]);
    expect(new Set(keys).size).toBe(1);
  });

  test('are as long as the server asks for', async () => {
    const { client, clock, delays } = scripted([429], { 'retry-after': '7' });
    const work = client.generate(request);
    await clock.advance(6_999);
    expect(delays()).toEqual([7000]);
    await clock.advance(1);
    expect((await work).attempts).toBe(2);
  });

  test('above maxDelayMs end the call at once', async () => {
    const { client } = scripted([429], { 'retry-after': '31' });
    await expect(client.generate(request)).rejects.toMatchObject({
      kind: 'rate_limited',
      retryAfterMs: 31_000,
      attempts: 1,
    });
  });

  test('have a maximum sum', async () => {
    const { client, clock, delays } = scripted([429, 429, 429], { 'retry-after': '30' });
    const work = client.generate(request, { retry: { maxTotalDelayMs: 60_000 } });
    const failed = failureOf(work);
    await clock.advance(120_000);
    expect(await failed).toMatchObject({ kind: 'rate_limited', attempts: 3 });
    expect(delays()).toEqual([30_000, 30_000]);
  });

  test('keep the idempotency key of the caller', async () => {
    const { client, clock, keys } = scripted([429]);
    const work = client.generate(request, { idempotencyKey: 'mine' });
    await clock.advance(1000);
    await work;
    expect(keys).toEqual(['mine', 'mine']);
  });
});

describe('a request that may have been billed', () => {
  test.each([408, 409, 500, 502, 503, 504])('is not retried after a %i', async (status) => {
    const { client, keys } = scripted([status]);
    await expect(client.generate(request)).rejects.toMatchObject({
      outcome: 'unknown',
      retryable: false,
      attempts: 1,
      status,
    });
    expect(keys).toHaveLength(1);
  });

  test.each([409, 500])('is retried after a %i with unknownOutcomes, with the same key', async (status) => {
    const { client, clock, keys } = scripted([status, status]);
    const work = client.generate(request, { retry: { unknownOutcomes: true } });
    await clock.advance(10_000);
    expect((await work).attempts).toBe(3);
    expect(new Set(keys).size).toBe(1);
  });

  test.each([400, 401, 402, 403, 429])('may still have been billed if a retry is refused with %i', async (status) => {
    const { client, clock, keys } = scripted([500, status, status, status]);
    const failure = failureOf(
      client.generate(request, { retry: { unknownOutcomes: true, maxRetries: 1 } }),
      isWanImageError,
    );
    await clock.advance(10_000);
    expect(await failure).toMatchObject({ outcome: 'unknown', retryable: false, attempts: 2, status });
    expect((await failure).message).toContain('It may have been billed');
    expect(keys).toHaveLength(2);
  });

  test('is not retried even with unknownOutcomes once images have arrived', async () => {
    await using server = await startTestServer((_request, response) => {
      response.write('{"data":[{"b64_json":"QUJD"},');
      setTimeout(() => response.destroy(), 50);
    });
    const client = createNodeClient({
      baseUrl: server.url,
      apiKey: 'k',
      retry: { unknownOutcomes: true, baseDelayMs: 1 },
    });
    await expect(client.generate(request)).rejects.toMatchObject({ outcome: 'billed', attempts: 1 });
    expect(server.requests).toHaveLength(1);
  });
});

test('a call times out after 10 minutes, whatever the transport does', async () => {
  const clock = createFakeClock();
  const transport: Transport = () => new Promise(() => undefined);
  const options = {
    baseUrl: 'http://server.example',
    apiKey: 'k',
    transport,
    clock,
    random: () => 0,
    newIdempotencyKey: () => 'k',
  };
  const work = createPortableClient(options).generate(request);
  const failed = failureOf(work);
  await clock.advance(599_999);
  expect(clock.sleepers).toBe(1);
  await clock.advance(50);
  expect(await failed).toMatchObject({ kind: 'timed_out', outcome: 'unknown', attempts: 1 });
  expect(clock.sleepers).toBe(0);
});

describe('a body that stalls', () => {
  function stalling() {
    const clock = createFakeClock();
    let next: (chunk: Uint8Array) => void = () => undefined;
    const body: AsyncIterable<Uint8Array> = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise((resolve) => (next = (value) => resolve({ done: false, value }))),
      }),
    };
    const client = createPortableClient({
      baseUrl: 'http://server.example',
      apiKey: 'k',
      transport: async () => ({ status: 200, headers: {}, body }),
      clock,
      random: () => 0,
      newIdempotencyKey: () => 'k',
    });
    return { client, clock, send: (text: string) => next(new TextEncoder().encode(text)) };
  }

  test('may pause for two minutes between any two chunks', async () => {
    const { client, clock, send } = stalling();
    const work = client.generate(request);
    const failed = failureOf(work);
    for (const text of ['{"d', 'ata', '":[']) {
      await clock.advance(119_000);
      send(text);
      await clock.advance(0);
    }
    await clock.advance(120_000);
    const error = await failed;
    expect(error).toMatchObject({ kind: 'timed_out', outcome: 'unknown' });
    expect(error).toMatchObject({ remedy: 'raise_idle_timeout', limit: 120_000 });
    expect(String(error)).toContain('The server sent nothing for 120 s, after 9 bytes of the response.');
  });

  test('ends the attempt, not the call: with unknownOutcomes it is retried', async () => {
    const { client, clock } = stalling();
    const failed = failureOf(
      client.generate(request, { retry: { unknownOutcomes: true, maxRetries: 1 } }),
      isWanImageError,
    );
    await clock.advance(300_000);
    expect(await failed).toMatchObject({ kind: 'timed_out', outcome: 'unknown', attempts: 2 });
  });

  test('does not time out while its reader does not read', async () => {
    const { client, clock, send } = stalling();
    const images = client.stream(request);
    const first = images.next();
    await clock.advance(0);
    send('{"data":[{"url":"https://a.example/1.png"}');
    expect((await first).done).toBe(false);
    await clock.advance(300_000);
    const second = images.next();
    await clock.advance(0);
    send(',{"url":"https://a.example/2.png"}');
    expect((await second).value).toMatchObject({ index: 1 });
    await images.return({} as never);
  });
});

describe.each([
  ["Node's own HTTP client", createNodeClient],
  ['fetch', createFetchClient],
])('a cancellation over %s', (_name, createClient) => {
  test('has the reason of the caller as its cause', async () => {
    const controller = new AbortController();
    const reason = new Error('the user closed the window');
    await using server = await startTestServer(() => controller.abort(reason));
    const work = createClient({ baseUrl: server.url, apiKey: 'k' }).generate(request, { signal: controller.signal });
    await expect(work).rejects.toMatchObject({ kind: 'canceled', outcome: 'unknown', cause: reason });
  });

  test('between two attempts ends the call at once with the error of the last attempt', async () => {
    await using server = await startTestServer((_request, response) =>
      sendJson(response, 429, { error: { message: 'slow' } }, { 'retry-after': '20' }),
    );
    const controller = new AbortController();
    const hooks = { retry: () => void setImmediate(() => controller.abort()) };
    const client = createClient({ baseUrl: server.url, apiKey: 'k', hooks });
    const work = client.generate(request, { signal: controller.signal });
    await expect(work).rejects.toMatchObject({ kind: 'rate_limited', outcome: 'not_billed', attempts: 1 });
  });
});
