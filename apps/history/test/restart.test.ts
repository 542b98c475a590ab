import type { GenerationList } from '@wan-image/core';
import { startTestServer, sendJson } from '@wan-image/testing/http-server';
import { encodeImage } from '@wan-image/testing/images';
import { describe, expect, test } from 'vitest';
import { openServiceDatabase } from '../src/boot/open-database.ts';
import { readConfig } from '../src/config/config.ts';
import { fetchChecked, fetchStreaming, generate, get, imageAt, recordOf } from './support/requests.ts';
import { openTestData, runHistory, runSimulator, upstreamAt, type TestData } from './support/test-history.ts';

const request = { model: 'wan2.7-image', prompt: '明天还在', size: '1K' };

async function query(testData: TestData, sql: string): Promise<void> {
  const database = await openServiceDatabase(readConfig(testData.environment));
  await database.dataSource.query(sql);
  await database.close();
}

test('list, record and image survive a restart, even without the upstream', async () => {
  await using testData = await openTestData();
  let id: string | null;
  {
    await using simulator = await runSimulator();
    await using history = await runHistory(testData, upstreamAt(simulator.url));
    id = (await generate(history.url, request)).headers.get('x-generation-id');
  }
  await using history = await runHistory(testData);
  const { data } = (await get<GenerationList>(history.url, '/v1/generations')).body;
  expect(data).toMatchObject([{ id, prompt: '明天还在', state: 'succeeded' }]);
  expect(await imageAt(data[0]?.images[0]?.url ?? '')).toBe('png 1024x1024');
});

test('a generation in flight when the process died ends as failed and unknown, and is not sent again', async () => {
  await using testData = await openTestData();
  await using simulator = await runSimulator();
  {
    await using history = await runHistory(testData, upstreamAt(simulator.url));
    await generate(history.url, request);
  }
  await query(
    testData,
    `update generation set state = 'running', outcome = null, finished_at = null, sent_at = now() - interval '1 day'`,
  );
  await using history = await runHistory(testData, upstreamAt(simulator.url));
  const { data } = (await get<GenerationList>(history.url, '/v1/generations')).body;
  expect(data).toMatchObject([{ state: 'failed', outcome: 'unknown', error: { code: 'interrupted' } }]);
  expect(simulator.totals.calls).toBe(1);
});

test('shutdown waits for a generation in flight to end and be recorded', async () => {
  await using testData = await openTestData();
  await using simulator = await runSimulator();
  const history = await runHistory(testData, upstreamAt(simulator.url));
  const responding = generate(history.url, { ...request, prompt: '慢 [[simulate delay=500]]' });
  await expect.poll(() => simulator.totals.calls).toBe(1);
  await history.close();
  expect((await responding).status).toBe(200);
  await using again = await runHistory(testData, upstreamAt(simulator.url));
  expect((await get<GenerationList>(again.url, '/v1/generations')).body.data).toMatchObject([{ state: 'succeeded' }]);
});

describe('an image that cannot be fetched at once', () => {
  test('is returned, and fetched on request', async () => {
    const png = await encodeImage({ format: 'png', width: 300, height: 200 });
    let broken = true;
    await using upstream = await startTestServer((received, response) => {
      if (received.method === 'POST')
        sendJson(response, 200, { created: 1, data: [{ url: `http://${received.headers.host}/a.png?Signature=s` }] });
      else if (broken) response.writeHead(500).end();
      else response.end(png);
    });
    await using testData = await openTestData();
    await using history = await runHistory(testData, upstreamAt(upstream.url));
    const response = await generate(history.url, request);
    expect(response.status).toBe(200);
    const url = response.body.data[0]?.url ?? '';
    expect(await recordOf(history.url, response)).toMatchObject({
      state: 'succeeded',
      outcome: 'billed',
      images: [{ state: 'pending', width: null }],
    });
    expect((await fetchChecked(url)).status).toBe(503);
    broken = false;
    expect(await imageAt(url)).toBe('png 300x200');
    expect((await recordOf(history.url, response)).images).toMatchObject([{ state: 'stored', width: 300 }]);
  });

  test('is fetched in the background, even if others keep failing', async () => {
    const png = await encodeImage({ format: 'png', width: 300, height: 200 });
    let broken = true;
    await using upstream = await startTestServer((received, response) => {
      const base = `http://${received.headers.host}`;
      if (received.method === 'POST') {
        const url = `${base}/${received.body.includes('never') ? 'never' : 'later'}.png`;
        sendJson(response, 200, { created: 1, data: Array.from({ length: 12 }, () => ({ url })) });
      } else if (broken || received.path === '/never.png') response.writeHead(500).end();
      else response.end(png);
    });
    await using testData = await openTestData();
    const set = { ...request, enable_sequential: true };
    {
      await using first = await runHistory(testData, upstreamAt(upstream.url));
      for (const prompt of ['never 1', 'never 2', 'later']) await generate(first.url, { ...set, prompt });
    }
    broken = false;
    await using history = await runHistory(testData, upstreamAt(upstream.url), { longestIntervalMs: 20 });
    await expect
      .poll(async () =>
        (await get<GenerationList>(history.url, '/v1/generations?limit=1')).body.data[0]?.images.map(
          ({ state }) => state,
        ),
      )
      .toEqual(Array.from({ length: 12 }, () => 'stored'));
    const { data } = (await get<GenerationList>(history.url, '/v1/generations')).body;
    expect(data[2]?.images[0]?.state).toBe('pending');
  });

  test('is served as a download if it is not an image', async () => {
    await using upstream = await startTestServer((received, response) => {
      if (received.method === 'POST')
        sendJson(response, 200, { created: 1, data: [{ url: `http://${received.headers.host}/a.png` }] });
      else response.writeHead(200, { 'content-type': 'image/png' }).end('<svg xmlns="http://www.w3.org/2000/svg"/>');
    });
    await using testData = await openTestData();
    await using history = await runHistory(testData, upstreamAt(upstream.url));
    const response = await generate(history.url, request);
    const served = await fetchChecked(response.body.data[0]?.url ?? '');
    expect([served.status, served.headers.get('content-disposition')?.split(';')[0]]).toEqual([200, 'attachment']);
  });
});

test('a response in the other format is converted to the requested one', async () => {
  const png = await encodeImage({ format: 'png', width: 300, height: 200 });
  await using upstream = await startTestServer((received, response) => {
    if (received.method === 'GET') {
      response.end(png);
      return;
    }
    const asked = (JSON.parse(received.body) as { response_format?: string }).response_format;
    const url = `http://${received.headers.host}/a.png`;
    sendJson(response, 200, {
      created: 1,
      data: [asked === 'b64_json' ? { url } : { b64_json: png.toString('base64') }],
    });
  });
  await using testData = await openTestData();
  await using history = await runHistory(testData, upstreamAt(upstream.url));
  const asBase64 = await generate(history.url, { ...request, response_format: 'b64_json' });
  expect(asBase64.body.data).toEqual([{ b64_json: png.toString('base64') }]);
  const asUrl = await generate(history.url, request);
  expect(await imageAt(asUrl.body.data[0]?.url ?? '')).toBe('png 300x200');
});

test('images received before the connection broke are stored, and were billed', async () => {
  const png = await encodeImage({ format: 'png', width: 300, height: 200 });
  await using upstream = await startTestServer((_received, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.write(`{"created":1,"data":[{"b64_json":"${png.toString('base64')}"},{"b64_json":"iVBO`);
    setTimeout(() => response.destroy(), 50);
  });
  await using testData = await openTestData();
  await using history = await runHistory(testData, upstreamAt(upstream.url));
  const response = await fetchStreaming(`${history.url}/v1/images/generations`, {
    method: 'POST',
    body: JSON.stringify({ ...request, n: 2, response_format: 'b64_json' }),
    headers: { 'content-type': 'application/json' },
  });
  expect(response.status).toBe(200);
  await expect(response.text()).rejects.toThrow('terminated');
  const ofResponse = { status: response.status, headers: response.headers, body: null };
  await expect.poll(async () => (await recordOf(history.url, ofResponse)).state).toBe('failed');
  const record = await recordOf(history.url, ofResponse);
  expect(record).toMatchObject({
    state: 'failed',
    outcome: 'billed',
    images: [{ index: 0, state: 'stored', width: 300 }],
  });
  expect(await imageAt(record.images[0]?.url ?? '')).toBe('png 300x200');
  expect(upstream.requests).toHaveLength(1);
});

test('response keys beyond the contract are passed on and recorded', async () => {
  const png = await encodeImage({ format: 'png', width: 300, height: 200 });
  await using upstream = await startTestServer((_received, response) =>
    sendJson(response, 200, { created: 7, data: [{ b64_json: png.toString('base64') }], usage: { image_count: 1 } }),
  );
  await using testData = await openTestData();
  await using history = await runHistory(testData, upstreamAt(upstream.url));
  const response = await generate(history.url, request);
  expect(response.body).toMatchObject({ created: 7, usage: { image_count: 1 } });
  expect((await recordOf(history.url, response)).upstream.extra).toEqual({ usage: { image_count: 1 } });
});

test('an image whose header declares an impossible size reaches the client, and the outcome is recorded', async () => {
  const png = await encodeImage({ format: 'png', width: 300, height: 200 });
  png.writeUInt32BE(0xffff_ffff, 16);
  await using upstream = await startTestServer((_received, response) =>
    sendJson(response, 200, { created: 7, data: [{ b64_json: png.toString('base64') }] }),
  );
  await using testData = await openTestData();
  await using history = await runHistory(testData, upstreamAt(upstream.url));
  const response = await generate(history.url, { ...request, response_format: 'b64_json' });
  expect(response.body.data).toEqual([{ b64_json: png.toString('base64') }]);
  expect(await recordOf(history.url, response)).toMatchObject({
    state: 'succeeded',
    outcome: 'billed',
    images: [{ state: 'stored', width: null, height: null, warning: expect.any(String) as string }],
  });
});
