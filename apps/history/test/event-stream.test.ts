import { sendJson, startTestServer } from '@wan-image/testing/http-server';
import { encodeImage } from '@wan-image/testing/images';
import type { GenerationList } from '@wan-image/core';
import { expect, test } from 'vitest';
import { fetchStreaming, generate, get, imageAt, recordOf } from './support/requests.ts';
import { openHistory, openTestData, runHistory, upstreamAt } from './support/test-history.ts';

const request = { model: 'wan2.7-image', prompt: '花', size: '1K' };
const streamed = { ...request, stream: true };

function post(
  base: string,
  body: object,
  headers: Record<string, string> = {},
  route = 'generations',
): Promise<Response> {
  return fetchStreaming(`${base}/v1/images/${route}`, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...headers },
  });
}

interface StreamEvent {
  readonly event: string;
  readonly data: { readonly type?: string; readonly url?: string; readonly b64_json?: string; readonly error?: object };
}

/** The events of a response as they arrive. */
async function* eventsOf(response: Response): AsyncGenerator<StreamEvent, void, void> {
  let text = '';
  for await (const chunk of (response.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      const [event = '', data = ''] = block.split('\n');
      if (event.startsWith('event: '))
        yield { event: event.slice(7), data: JSON.parse(data.slice(6)) as StreamEvent['data'] };
    }
  }
  expect(text).toBe('');
}

async function allOf(response: Response): Promise<readonly StreamEvent[]> {
  const events: StreamEvent[] = [];
  for await (const event of eventsOf(response)) events.push(event);
  return events;
}

test('a request with stream gets an event for each image; the upstream gets a plain request', async () => {
  await using history = await openHistory();
  const response = await post(history.url, { ...streamed, n: 2 });
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
  const events = await allOf(response);
  expect(events.map(({ event, data }) => [event, data.type])).toEqual(
    Array.from({ length: 2 }, () => ['image_generation.completed', 'image_generation.completed']),
  );
  for (const { data } of events) expect(await imageAt(data.url ?? '')).toBe('png 1024x1024');
  const record = await recordOf(history.url, { status: 200, headers: response.headers, body: null });
  expect(record).toMatchObject({
    state: 'succeeded',
    outcome: 'billed',
    images: [{ state: 'stored' }, { state: 'stored' }],
  });
  expect(record.request).not.toHaveProperty('stream');
  expect(JSON.stringify(history.simulator.calls)).not.toContain('"stream"');
});

test('an image is sent as soon as it is stored, while the next one is on its way', async () => {
  const png = (await encodeImage({ format: 'png', width: 300, height: 200 })).toString('base64');
  const rest = Promise.withResolvers<void>();
  await using upstream = await startTestServer(async (_received, response) => {
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .write(`{"created":1,"data":[{"b64_json":"${png}"},`);
    await rest.promise;
    response.end(`{"b64_json":"${png}"}]}`);
  });
  await using testData = await openTestData();
  await using history = await runHistory(testData, upstreamAt(upstream.url));
  const events = eventsOf(await post(history.url, { ...streamed, n: 2, response_format: 'b64_json' }));
  expect((await events.next()).value).toMatchObject({ data: { b64_json: png } });
  rest.resolve();
  expect((await events.next()).value).toMatchObject({ data: { b64_json: png } });
  expect((await events.next()).done).toBe(true);
});

test('the event of an edit has its own name', async () => {
  await using history = await openHistory();
  const image = `data:image/png;base64,${(await encodeImage({ format: 'png', width: 320, height: 240 })).toString('base64')}`;
  const events = await allOf(await post(history.url, { ...streamed, image }, {}, 'edits'));
  expect(events.map(({ event }) => event)).toEqual(['image_edit.completed']);
});

test('what fails before the first event is an ordinary error', async () => {
  await using history = await openHistory();
  const invalid = await post(history.url, { ...streamed, size: '2k' });
  expect([invalid.status, await invalid.json()]).toMatchObject([400, { error: { param: 'size' } }]);
  const refused = await post(history.url, { ...streamed, prompt: '[[simulate status=400 code=DataInspectionFailed]]' });
  expect([refused.status, await refused.json()]).toMatchObject([400, { error: { code: 'DataInspectionFailed' } }]);
  const queued = await post(history.url, streamed, { prefer: 'respond-async' });
  expect([queued.status, await queued.json()]).toMatchObject([400, { error: { param: 'stream' } }]);
  expect((await get<GenerationList>(history.url, '/v1/generations')).body.data).toHaveLength(1);
});

test('what fails after the first event is an event', async () => {
  const png = (await encodeImage({ format: 'png', width: 300, height: 200 })).toString('base64');
  const cut = Promise.withResolvers<void>();
  await using upstream = await startTestServer(async (_received, response) => {
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .write(`{"created":1,"data":[{"b64_json":"${png}"},`);
    await cut.promise;
    response.destroy();
  });
  await using testData = await openTestData();
  await using history = await runHistory(testData, upstreamAt(upstream.url));
  const response = await post(history.url, { ...streamed, n: 2, response_format: 'b64_json' });
  const events = eventsOf(response);
  expect((await events.next()).value).toMatchObject({ data: { b64_json: png } });
  cut.resolve();
  expect((await events.next()).value).toMatchObject({
    event: 'error',
    data: { error: { code: 'connection_lost', message: expect.any(String), type: expect.any(String), param: null } },
  });
  expect((await events.next()).done).toBe(true);
  const record = await recordOf(history.url, { status: 200, headers: response.headers, body: null });
  expect(record).toMatchObject({ state: 'failed', outcome: 'billed', images: [{ state: 'stored' }] });
});

test('a replay streams or not as it asks, whatever its first request did', async () => {
  let calls = 0;
  const png = await encodeImage({ format: 'png', width: 300, height: 200 });
  await using upstream = await startTestServer((received, response) => {
    if (received.method === 'GET') {
      response.end(png);
      return;
    }
    calls++;
    sendJson(response, 200, { created: 1, data: [{ url: `http://${received.headers.host}/a.png` }] });
  });
  await using testData = await openTestData();
  await using history = await runHistory(testData, upstreamAt(upstream.url));
  for (const [key, first] of [
    ['stream first', streamed],
    ['plain first', request],
  ] as const) {
    const headers = { 'idempotency-key': key.replace(' ', '-') };
    await (await post(history.url, first, headers)).text();
    const plain = await generate(history.url, request, headers);
    const again = await post(history.url, streamed, headers);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(again.headers.get('x-generation-id')).toBe(plain.headers.get('x-generation-id'));
    expect((await allOf(again)).map(({ data }) => data.url)).toEqual(plain.body.data.map(({ url }) => url));
  }
  expect(calls).toBe(2);
});
