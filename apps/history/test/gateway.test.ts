import type { ErrorBody, GenerationList, ModelList } from '@wan-image/core';
import { sendJson, startTestServer } from '@wan-image/testing/http-server';
import { dataUri, encodeImage } from '@wan-image/testing/images';
import { bodyOf, vectors } from '@wan-image/testing/vectors';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fetchChecked, fetchStreaming, generate, get, imageAt, recordOf } from './support/requests.ts';
import { openHistory, openTestData, runHistory, upstreamAt, type TestHistory } from './support/test-history.ts';

const model = 'wan2.7-image';
const prompt = '一间有着精致窗户的花店';

let history: TestHistory & AsyncDisposable;
beforeAll(async () => {
  history = await openHistory();
});
afterAll(() => history[Symbol.asyncDispose]());

const lastCall = () => history.simulator.calls.at(-1);

describe('every case of the vectors, over HTTP', () => {
  test.each(vectors)('$name', async (vector) => {
    const before = history.simulator.totals.calls;
    const response = await generate(history.url, await bodyOf(vector));
    if (vector.valid) {
      expect(response.status).toBe(200);
      expect(history.simulator.totals.calls).toBe(before + 1);
      if (vector.sent) expect(lastCall()?.body).toEqual(vector.sent);
    } else {
      expect(response.status).toBe(400);
      expect(response.body.error.param?.replace(/\[\d+\]$/, '')).toBe(vector.param);
      expect(Object.keys(response.body.error).toSorted()).toEqual(['code', 'message', 'param', 'type']);
      expect(history.simulator.totals.calls).toBe(before);
    }
  });
});

describe('a generation', () => {
  test('has the response of the contract with a permanent URL, and is recorded', async () => {
    const response = await generate(
      history.url,
      { model, prompt, size: '1280x720', seed: 5, quality: 'high' },
      { 'x-wan-image-client': 'n8n' },
    );
    expect(response.body).toEqual({
      created: expect.any(Number),
      data: [
        {
          url: expect.stringMatching(
            `^${history.url}/images/${response.headers.get('x-generation-id')}-0\\?key=own&signature=[\\w-]{24}$`,
          ),
          revised_prompt: expect.stringContaining(prompt),
        },
      ],
    });
    const record = await recordOf(history.url, response);
    expect(record).toMatchObject({
      object: 'generation',
      state: 'succeeded',
      outcome: 'billed',
      source: 'n8n',
      model,
      prompt,
      request: { model, prompt, size: '1280x720', seed: 5, n: 1 },
      dropped: ['quality'],
      input_images: [],
      images: [
        {
          object: 'image',
          index: 0,
          state: 'stored',
          width: 1280,
          height: 720,
          mime_type: 'image/png',
          url: response.body.data[0]?.url,
        },
      ],
      error: null,
      upstream: { status: 200, attempts: 1, extra: null },
    });
    expect(record.upstream.request_id).toBe(lastCall()?.request_id);
    expect(record.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
    for (const time of [record.created_at, record.sent_at, record.finished_at])
      expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(record.duration_ms).toBe(Date.parse(record.finished_at ?? '') - Date.parse(record.sent_at ?? ''));
    expect(await imageAt(response.body.data[0]?.url ?? '')).toBe('png 1280x720');
  });

  test('requested as base64 is returned as base64, and stored', async () => {
    const response = await generate(history.url, { model, prompt, size: '1K', response_format: 'b64_json' });
    const image = response.body.data[0];
    expect(image?.url).toBeUndefined();
    const record = await recordOf(history.url, response);
    const kept = Buffer.from(await (await fetchChecked(record.images[0]?.url ?? '')).arrayBuffer());
    expect(kept.toString('base64')).toBe(image?.b64_json);
  });

  test('with input images stores their bytes once, and records references instead', async () => {
    const uri = await dataUri({ format: 'png', width: 320, height: 240 });
    const image = [uri, 'https://example.com/2.jpg', uri];
    const response = await generate(history.url, { model, prompt: '把图1放进图2', image, size: '1K' });
    const record = await recordOf(history.url, response);
    expect(JSON.stringify(record)).not.toContain('base64');
    expect(record.input_images).toMatchObject([
      { index: 0, kind: 'stored', width: 320, height: 240, mime_type: 'image/png' },
      { index: 1, kind: 'url', url: 'https://example.com/2.jpg', sha256: null, width: null },
      { index: 2, kind: 'stored' },
    ]);
    expect(record.input_images[0]?.sha256).toBe(record.input_images[2]?.sha256);
    expect(record.request['image']).toEqual(record.input_images.map((input) => input.url));
    expect(await imageAt(record.input_images[2]?.url ?? '')).toBe('png 320x240');
    expect(record.images[0]).toMatchObject({ width: 1168, height: 880 });
  });

  test('with a photo whose frame header lies deep in the file is stored with its size', async () => {
    const jpeg = await encodeImage({ format: 'jpeg', width: 320, height: 240 });
    // Twelve application segments of 60 kB before the frame header, as phones write them.
    const segment = Buffer.concat([Buffer.from([0xff, 0xe5, 0xea, 0x60]), Buffer.alloc(59_998)]);
    const photo = Buffer.concat([jpeg.subarray(0, 2), ...Array.from({ length: 12 }, () => segment), jpeg.subarray(2)]);
    const image = `data:image/jpeg;base64,${photo.toString('base64')}`;
    const response = await generate(history.url, { model, prompt: '照片', image, size: '1K' });
    expect(response.status).toBe(200);
    expect((await recordOf(history.url, response)).input_images).toMatchObject([{ width: 320, height: 240 }]);
  });

  test('of an image set stores every image in order', async () => {
    const response = await generate(history.url, {
      model,
      prompt: '四季 [[simulate partial=4]]',
      enable_sequential: true,
      size: '768x768',
    });
    const record = await recordOf(history.url, response);
    expect(record.request['n']).toBe(12);
    expect(record.images.map((image) => image.index)).toEqual([0, 1, 2, 3]);
    expect(new Set(record.images.map((image) => image.sha256)).size).toBe(4);
  });

  test.each(['a\u0000b', 'lone \ud800 surrogate'])(
    'with a prompt that PostgreSQL cannot store (%j) is generated and recorded anyway',
    async (odd) => {
      const response = await generate(history.url, {
        model,
        prompt: odd,
        size: '1K',
        vendor_note: { deep: ['\u0000'] },
      });
      expect(response.status).toBe(200);
      expect((await recordOf(history.url, response)).prompt).toContain('\uFFFD');
    },
  );

  test('continues when the client disconnects', async () => {
    const leaving = new AbortController();
    const before = history.simulator.totals.calls;
    const body = JSON.stringify({ model, prompt: '走开 [[simulate delay=400]]', size: '1K' });
    const init = { method: 'POST', body, headers: { 'content-type': 'application/json' }, signal: leaving.signal };
    const response = fetchStreaming(`${history.url}/v1/images/generations`, init).catch((error: Error) => error.name);
    await expect.poll(() => history.simulator.totals.calls).toBe(before + 1);
    leaving.abort();
    expect(await response).toBe('AbortError');
    await expect
      .poll(async () => (await get<GenerationList>(history.url, '/v1/generations?limit=1')).body.data[0])
      .toMatchObject({
        prompt: '走开 [[simulate delay=400]]',
        state: 'succeeded',
        images: [{ state: 'stored' }],
      });
  });
});

describe('an upstream failure', () => {
  const failing = (words: string) => generate(history.url, { model, prompt: `花 [[simulate ${words}]]`, size: '1K' });

  test.each([
    ['status=400 code=InvalidParameter', 400, 'not_billed', null],
    ['status=400 code=DataInspectionFailed', 400, 'not_billed', null],
    ['status=400 code=Arrearage', 402, 'not_billed', null],
    ['status=429 code=Throttling.AllocationQuota', 402, 'not_billed', null],
    ['status=401 code=InvalidApiKey', 502, 'not_billed', 'false'],
    ['status=500', 500, 'unknown', 'false'],
    ['status=503', 503, 'unknown', 'false'],
    ['status=408', 502, 'unknown', 'false'],
    ['cut=0', 502, 'unknown', 'false'],
    ['cut=0.5', 502, 'unknown', 'false'],
    ['html', 502, 'unknown', 'false'],
    ['empty', 502, 'unknown', 'false'],
    ['error200 code=InvalidParameter', 400, 'not_billed', null],
  ])('%s: %i, %s, sent once', async (words, status, outcome, shouldRetry) => {
    const before = history.simulator.totals.calls;
    const response = await failing(words);
    expect(response.status).toBe(status);
    expect(response.headers.get('x-should-retry')).toBe(shouldRetry);
    expect(Object.keys(response.body.error).toSorted()).toEqual(['code', 'message', 'param', 'type']);
    const record = await recordOf(history.url, response);
    expect(record).toMatchObject({
      state: 'failed',
      outcome,
      images: [],
      error: response.body.error,
      upstream: { attempts: 1 },
    });
    expect(record.finished_at).not.toBeNull();
    expect(history.simulator.totals.calls).toBe(before + 1);
  });

  test('a temporary rate limit is retried and billed once', async () => {
    const response = await failing('status=429 retry-after=0 times=2');
    expect(response.status).toBe(200);
    expect((await recordOf(history.url, response)).upstream.attempts).toBe(3);
  });

  test('a persistent rate limit is passed on with its retry-after', async () => {
    const response = await failing('status=429 retry-after=60');
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '60']);
    expect(await recordOf(history.url, response)).toMatchObject({
      outcome: 'not_billed',
      error: { code: 'Throttling.RateQuota' },
    });
  });
});

test.each(['url', 'b64_json'])(
  'a response with endlessly nested keys is returned and recorded without the nested values (%s)',
  async (format) => {
    const png = (await encodeImage({ format: 'png', width: 300, height: 200 })).toString('base64');
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
    await using upstream = await startTestServer((_received, response) => {
      response.end(`{"created":7,"data":[{"b64_json":"${png}"}],"usage":{"image_count":1},"trace":{"deep":${deep}}}`);
    });
    await using testData = await openTestData();
    await using service = await runHistory(testData, upstreamAt(upstream.url));
    const response = await generate(service.url, { model, prompt: '深', size: '1K', response_format: format });
    expect(response.status).toBe(200);
    const record = await recordOf(service.url, response);
    expect(record).toMatchObject({ state: 'succeeded', outcome: 'billed', images: [{ state: 'stored' }] });
    for (const extra of [response.body, record.upstream.extra]) {
      expect(extra).toMatchObject({ usage: { image_count: 1 } });
      expect(JSON.stringify(extra)).toMatch(/"deep":\[{98}null]{98}}/);
    }
  },
);

test('the models of the contract are listed', async () => {
  const { body } = await get<{ object: string; data: { id: string }[] }>(history.url, '/v1/models');
  expect([body.object, body.data.map(({ id }) => id)]).toEqual(['list', ['wan2.7-image-pro', 'wan2.7-image']]);
});

test('each model of the list can be read by itself', async () => {
  const { body } = await get<ModelList>(history.url, '/v1/models');
  for (const one of body.data)
    expect((await get(history.url, `/v1/models/${encodeURIComponent(one.id)}`)).body).toEqual(one);
  const { status, body: missing } = await get<ErrorBody>(history.url, '/v1/models/dall-e-3');
  expect([status, missing.error.code]).toEqual([404, 'model_not_found']);
  for (const one of body.data) expect(missing.error.message).toContain(one.id);
});

describe('an unreadable request is rejected in the same error envelope', () => {
  test.each<[string, number, string, Record<string, string>]>([
    ['{"a"', 400, 'not valid JSON', {}],
    ['', 400, 'empty', { 'content-type': 'application/json' }],
    ['[]', 400, 'must be a JSON object', {}],
    ['a=b', 415, 'application/json', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['a=b', 415, 'application/json', { 'content-type': 'text/plain' }],
  ])('%j: %i', async (body, status, message, headers) => {
    const response = await generate(history.url, body, headers);
    expect(response.status).toBe(status);
    expect(response.body.error.message).toContain(message);
    expect(response.headers.get('x-request-id')).not.toBeNull();
  });

  test('endlessly nested JSON, before anything is sent', async () => {
    const nested = (levels: number): string =>
      `{"model":"${model}","prompt":"深","size":"1K","color_palette":${'['.repeat(levels)}${']'.repeat(levels)}}`;
    const calls = history.simulator.totals.calls;
    // Beyond that, the number of values is refused first.
    expect((await generate(history.url, nested(200_000))).status).toBe(413);
    const response = await generate(history.url, nested(900));
    expect([response.status, response.body.error.param]).toEqual([400, 'color_palette']);
    expect(response.body.error.message).toContain('more than 100 levels');
    expect((await generate(history.url, nested(101))).status).toBe(400);
    expect(history.simulator.totals.calls).toBe(calls);
    expect((await generate(history.url, nested(100))).status).toBe(200);
  });

  test.each([
    ['/v1/generations/%zz', 400],
    [`/v1/generations/${'a'.repeat(3000)}`, 414],
  ])('a path that matches no route (%s)', async (path, status) => {
    const response = await get<{ error: object }>(history.url, path);
    expect(response.status).toBe(status);
    expect(Object.keys(response.body.error).toSorted()).toEqual(['code', 'message', 'param', 'type']);
    expect(response.headers.get('x-request-id')).not.toBeNull();
  });

  test('an unknown route', async () => {
    const response = await get<{ error: object }>(history.url, '/v1/nothing');
    expect(response.status).toBe(404);
    expect(Object.keys(response.body.error).toSorted()).toEqual(['code', 'message', 'param', 'type']);
  });
});

test('a valid client request id is used, an invalid one is replaced', async () => {
  const image = await get(history.url, '/healthz', { 'x-request-id': 'my-id:1' });
  expect(image.headers.get('x-request-id')).toBe('my-id:1');
  const unusable = await get(history.url, '/healthz', { 'x-request-id': 'x y'.repeat(100) });
  expect(unusable.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
});

describe('the log', () => {
  test('has one JSON object per line, and contains no key, data URI or signed query, whatever fails', async () => {
    const image = await dataUri({ format: 'jpeg', width: 300, height: 300 });
    const quoted = `${image} Bearer sk-vendor-secret-1 https://oss.example/a.png?Signature=abc123 ${'長'.repeat(30_000)}`;
    await using upstream = await startTestServer((received, response) => {
      const { prompt: asked } = JSON.parse(received.body) as { prompt: string };
      if (asked === 'error') sendJson(response, 500, { error: { message: quoted } });
      else sendJson(response, 200, { created: 1, data: [{ url: 'http://127.0.0.1:4999/a.png?Signature=abc123' }] });
    });
    await using testData = await openTestData();
    await using service = await runHistory(testData, upstreamAt(upstream.url));
    const caller = { authorization: 'Bearer sk-caller-secret-1' };
    expect((await generate(service.url, { model, prompt: 'error', image }, caller)).status).toBe(500);
    expect((await generate(service.url, { model, prompt: 'image', image }, caller)).status).toBe(200);
    await get(service.url, '/healthz?key=sk-query-secret-99');
    const logs = service.logs.join('');
    expect(logs.endsWith('\n')).toBe(true);
    const lines = logs
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { msg: string });
    const messages = lines.map(({ msg }) => msg);
    for (const msg of ['a generation failed', 'an image can never be stored, so it is not fetched again'])
      expect(messages).toContain(msg);
    for (const secret of [
      'sk-upstream-secret',
      'sk-caller-secret',
      'sk-vendor-secret',
      'sk-query-secret',
      'abc123',
      image.slice(30, 60),
    ]) {
      expect(logs).not.toContain(secret);
    }
  });
});
