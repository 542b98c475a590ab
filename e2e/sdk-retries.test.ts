import { createHistoryClient } from '@wan-image/core';
import { eventually } from '@wan-image/testing/eventually';
import { temporaryFolder } from '@wan-image/testing/folders';
import { sendJson, startTestServer, type TestServer } from '@wan-image/testing/http-server';
import { encodeImage } from '@wan-image/testing/images';
import OpenAI, { toFile } from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { failureOf } from '@wan-image/testing/failures';
import { FAILURES, type FailureName } from './support/billing-server.ts';
import { startCuttable } from './support/cuttable.ts';
import { startGateway, KEY } from './support/gateway.ts';
import { startService, type Service } from './support/service.ts';

/**
 * The OpenAI SDK retries twice by default, without an idempotency key. billing.test.ts shows what that costs at a server that bills; here
 * the service stands between the two.
 */
const model = 'wan2.7-image';

describe('a failing upstream', () => {
  const resources = new AsyncDisposableStack();
  let upstream: TestServer;
  let service: Service;
  beforeAll(async () => {
    upstream = resources.use(
      await startTestServer(({ method, body }, response) => {
        // The list of models, which the service asks for when it starts.
        if (method === 'GET') return sendJson(response, 200, { object: 'list', data: [] });
        const { prompt } = JSON.parse(body) as { prompt: FailureName };
        FAILURES[prompt](response);
      }),
    );
    const folder = resources.use(await temporaryFolder());
    service = resources.use(
      await startService({
        DATA_DIR: folder.path,
        PORT: '0',
        UPSTREAM_BASE_URL: upstream.url,
        UPSTREAM_API_KEY: 'k',
        UPSTREAM_TIMEOUT_SECONDS: '1',
      }),
    );
  });
  afterAll(() => resources.disposeAsync());

  const unknown = (Object.keys(FAILURES) as FailureName[]).filter((name) => name !== '429');

  test.each(unknown)('receives one request, because it may have billed it: %s', async (failure) => {
    const openai = new OpenAI({ baseURL: `${service.url}/v1`, apiKey: 'none' });
    const error = await failureOf(openai.images.generate({ model, prompt: failure }));
    expect(error).toBeInstanceOf(OpenAI.APIError);
    expect((error as InstanceType<typeof OpenAI.APIError>).headers?.get('x-should-retry')).toBe('false');
    expect(upstream.requests.filter(({ body }) => body.includes(`"${failure}"`))).toHaveLength(1);
    const history = createHistoryClient({ baseUrl: service.url, apiKey: 'none' });
    const records = (await history.page()).data.filter(({ prompt }) => prompt === failure);
    expect(records).toMatchObject([{ state: 'failed', outcome: 'unknown' }]);
  });
});

describe('a retry of the SDK', () => {
  test('after its own timeout gets the image of the first request', async () => {
    await using gateway = await startGateway();
    const openai = new OpenAI({ baseURL: gateway.v1, apiKey: KEY, timeout: 2000, maxRetries: 20 });
    const prompt = '慢 [[simulate delay=3500]]';
    const { data, response } = await openai.images.generate({ model, prompt, size: '1024x1024' }).withResponse();
    expect(data.data).toHaveLength(1);
    expect(response.headers.get('idempotent-replayed')).toBe('true');
    expect(await gateway.calls()).toHaveLength(1);
  });

  test('after a lost connection gets the image of the first request', async () => {
    await using gateway = await startGateway();
    await using proxy = await startCuttable(gateway.url);
    const openai = new OpenAI({ baseURL: `${proxy.url}/v1`, apiKey: KEY });
    const prompt = '断 [[simulate delay=4000]]';
    const generating = openai.images.generate({ model, prompt, size: '1024x1024' }).withResponse();
    await eventually(async () => expect(await gateway.calls()).toHaveLength(1));
    proxy.cut();
    const { data, response } = await generating;
    expect(data.data).toHaveLength(1);
    expect(response.headers.get('idempotent-replayed')).toBe('true');
    expect(await gateway.calls()).toHaveLength(1);
  });

  test('of an edit has another form body, and still gets the image of the first request', async () => {
    await using gateway = await startGateway();
    await using proxy = await startCuttable(gateway.url);
    const openai = new OpenAI({ baseURL: `${proxy.url}/v1`, apiKey: KEY });
    const image = await toFile(await encodeImage({ format: 'png', width: 300, height: 400 }), 'cup.png');
    const generating = openai.images.edit({ model, prompt: '断 [[simulate delay=4000]]', image }).withResponse();
    await eventually(async () => expect(await gateway.calls()).toHaveLength(1));
    proxy.cut();
    const { data, response } = await generating;
    expect(data.data).toHaveLength(1);
    expect(response.headers.get('idempotent-replayed')).toBe('true');
    expect(await gateway.calls()).toHaveLength(1);
  });

  test('that the upstream accepts after two rate limits is billed once', async () => {
    let sent = 0;
    let billed = 0;
    await using upstream = await startTestServer(({ method }, response) => {
      if (method === 'GET') return sendJson(response, 200, { object: 'list', data: [] });
      if (++sent <= 2) return FAILURES['429'](response);
      billed++;
      sendJson(response, 200, { created: 1785312000, data: [{ b64_json: PIXEL }] });
    });
    await using gateway = await startGateway({ UPSTREAM_BASE_URL: upstream.url });
    const openai = new OpenAI({ baseURL: gateway.v1, apiKey: KEY });
    const response = await openai.images.generate({ model, prompt: '忙', response_format: 'b64_json' });
    expect({ images: response.data?.length, billed }).toEqual({ images: 1, billed: 1 });
  });
});

/** A PNG of one pixel. */
const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC';
