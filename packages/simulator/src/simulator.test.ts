import { createHash } from 'node:crypto';
import {
  createClient,
  MAX_IMAGES_IN_SET,
  readImageInfo,
  bytesSource,
  type Client,
  type GeneratedImage,
} from '@wan-image/core';
import { failureOf } from '@wan-image/testing/failures';
import { startTestServer } from '@wan-image/testing/http-server';
import { dataUri, encodeImage } from '@wan-image/testing/images';
import { disposable } from '@wan-image/testing/resource';
import { bodyOf, vectors, type Vector } from '@wan-image/testing/vectors';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startSimulator, type Simulator, type SimulatorOptions } from './index.ts';

const model = 'wan2.7-image';

async function open(options: SimulatorOptions = {}): Promise<Simulator & AsyncDisposable> {
  const simulator = await startSimulator({ port: 0, latencyMs: 0, ...options });
  return disposable(simulator, () => simulator.close());
}

function clientOf(url: string): Client {
  return createClient({ baseUrl: url, apiKey: 'any', retry: { maxRetries: 0 } });
}

function post(url: string, body: unknown, authorization: string | null = 'Bearer any'): Promise<Response> {
  const headers = { 'content-type': 'application/json', ...(authorization === null ? {} : { authorization }) };
  return fetch(`${url}/v1/images/generations`, {
    method: 'POST',
    headers,
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

interface JsonResponse {
  readonly created: number;
  readonly data: readonly { readonly url: string; readonly b64_json: string; readonly revised_prompt: string }[];
}

interface Failure {
  readonly error: {
    readonly message: string;
    readonly type?: string;
    readonly param?: string | null;
    readonly code?: string | null;
  };
}

async function digestOf([image]: readonly GeneratedImage[]): Promise<string> {
  const bytes = (await image?.bytes()) ?? new Uint8Array();
  expect(bytes.length).toBeGreaterThan(0);
  return createHash('sha256').update(bytes).digest('hex');
}

async function sizeAt(url: string): Promise<string> {
  const info = readImageInfo(bytesSource(new Uint8Array(await (await fetch(url)).arrayBuffer())));
  return info ? `${info.format} ${info.width}x${info.height} alpha:${info.hasAlpha}` : 'none';
}

/** The simulator shortens one image set in four, by a hash of the request. None of the vectors is such a set. */
function expectedImages({ body }: Vector): unknown {
  return body['n'] ?? (body['enable_sequential'] === true ? MAX_IMAGES_IN_SET : 1);
}

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator({ port: 0, latencyMs: 0 });
});
afterAll(() => simulator.close());

describe('every vector of the contract, over HTTP', () => {
  test.each(vectors)('$name', async (vector) => {
    const response = await post(simulator.url, await bodyOf(vector));
    expect(response.status).toBe(vector.valid ? 200 : 400);
    const call = simulator.calls.at(-1);
    if (vector.valid) {
      const { data } = (await response.json()) as JsonResponse;
      expect(data.length).toBe(expectedImages(vector));
      expect(call?.billed).toBe(data.length);
    } else {
      const { error } = (await response.json()) as Failure;
      expect(error.param?.replace(/\[\d+\]$/, '')).toBe(vector.param);
      expect(call?.billed).toBe(0);
    }
  });
});

describe('the response', () => {
  test("has the vendor's keys, the unused one as an empty string", async () => {
    const received = await post(simulator.url, { model, prompt: '花店' });
    const response = (await received.json()) as JsonResponse;
    expect(received.headers.get('x-oneapi-request-id')).toMatch(/^[\w-]{36}$/);
    expect(Math.abs(response.created - Date.now() / 1000)).toBeLessThan(60);
    expect(response.data[0]?.b64_json).toBe('');
    expect(response.data[0]?.revised_prompt).toContain('花店');
    expect(response.data[0]?.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/simulator\/images\//);
  });

  test('has the same image in base64 as by URL', async () => {
    const request = { model, prompt: '同一张', size: '1K', seed: 7 };
    const byUrl = (await (await post(simulator.url, request)).json()) as JsonResponse;
    const asBase64 = (await (
      await post(simulator.url, { ...request, response_format: 'b64_json' })
    ).json()) as JsonResponse;
    expect(asBase64.data[0]?.url).toBe('');
    const bytes = Buffer.from(await (await fetch(byUrl.data[0]?.url ?? '')).arrayBuffer());
    expect(bytes.equals(Buffer.from(asBase64.data[0]?.b64_json ?? '', 'base64'))).toBe(true);
  });

  test('depends on the seed', async () => {
    const request = { model, prompt: 'a', size: '1K', response_format: 'b64_json' } as const;
    const image = async (seed: number): Promise<string> =>
      digestOf((await clientOf(simulator.url).generate({ ...request, seed })).images);
    const first = await image(0);
    expect(await image(0)).toBe(first);
    expect(await image(1)).not.toBe(first);
  });
});

describe('images have the size that the contract defines', () => {
  test.each([
    [{ size: '1K' }, '1024x1024'],
    [{}, '2048x2048'],
    [{ model: 'wan2.7-image-pro', size: '4K' }, '4096x4096'],
    [{ size: '1280x720' }, '1280x720'],
    [{ size: '512x4096' }, '512x4096'],
    [{ image: 'https://example.com/input.jpg' }, '2048x2048'],
  ])('%j: %s', async (options, expected) => {
    const { images } = await clientOf(simulator.url).generate({ model, prompt: '山', ...options } as never);
    expect(await sizeAt(images[0]?.url ?? '')).toBe(`png ${expected} alpha:false`);
  });

  test('a preset follows the ratio of the last input image', async () => {
    const wide = await encodeImage({ format: 'jpeg', width: 800, height: 400 });
    await using server = await startTestServer((_request, response) => void response.end(wide));
    const image = [await dataUri({ format: 'png', width: 300, height: 600 }), `${server.url}/wide.jpg`];
    const { images } = await clientOf(simulator.url).generate({ model, prompt: '图1和图2', image, size: '1K' });
    expect(await sizeAt(images[0]?.url ?? '')).toBe('png 1440x720 alpha:false');
    const bmp = await dataUri({ format: 'bmp', width: 400, height: 400 });
    const square = await clientOf(simulator.url).generate({ model, prompt: '图3', image: [...image, bmp], size: '1K' });
    expect(await sizeAt(square.images[0]?.url ?? '')).toBe('png 1024x1024 alpha:false');
  });

  test('the result shows the input image', async () => {
    const request = { model, prompt: '改', size: '1K', response_format: 'b64_json' } as const;
    const edit = async (image: string): Promise<string> =>
      digestOf((await clientOf(simulator.url).generate({ ...request, image })).images);
    const red = await dataUri({ format: 'png', width: 300, height: 300 });
    expect(await edit(red)).not.toBe(await edit('https://example.com/input.jpg'));
  });

  test('an input image on loopback that does not exist is refused and not billed', async () => {
    await using images = await startTestServer((_request, response) => void response.writeHead(404).end());
    const response = await post(simulator.url, { model, prompt: '改', image: `${images.url}/gone.png` });
    expect(response.status).toBe(400);
    expect(((await response.json()) as Failure).error).toMatchObject({ param: 'image', code: 'InvalidURL' });
    expect(simulator.calls.at(-1)?.billed).toBe(0);
  });
});

test('the URL of an edit fits nine input images with fine texture', async () => {
  const noise = {
    create: {
      width: 400,
      height: 400,
      channels: 3,
      background: '#888',
      noise: { type: 'gaussian', mean: 128, sigma: 60 },
    },
  } as const;
  const png = await sharp(noise).png().toBuffer();
  const image = Array.from({ length: 9 }, () => `data:image/png;base64,${png.toString('base64')}`);
  const { images } = await clientOf(simulator.url).generate({ model, prompt: '拼', image, size: '1K' });
  expect(await sizeAt(images[0]?.url ?? '')).toBe('png 1024x1024 alpha:false');
});

test('a redirect of an input image on loopback is not followed', async () => {
  await using images = await startTestServer((_request, response) => {
    response.writeHead(302, { location: 'https://example.com/a.png' }).end();
  });
  const response = await post(simulator.url, { model, prompt: '改', image: `${images.url}/a.png` });
  expect(response.status).toBe(400);
});

test('a set may have fewer images than requested, and all of them differ', async () => {
  const counts = new Set<number>();
  for (let seed = 0; seed < 12; seed++) {
    const { images } = await clientOf(simulator.url).generate({
      model,
      prompt: '四季',
      enable_sequential: true,
      n: 6,
      seed,
    });
    counts.add(images.length);
    expect(new Set(images.map((image) => image.url)).size).toBe(images.length);
  }
  expect(counts).toContain(6);
  expect(Math.min(...counts)).toBeLessThan(6);
});

describe('result URLs', () => {
  const urlOf = async (base: string): Promise<string> =>
    (await clientOf(base).generate({ model, prompt: '海', size: '1K' })).images[0]?.url ?? '';

  test('need no Authorization header and refuse one with 403', async () => {
    const url = await urlOf(simulator.url);
    expect((await fetch(url)).status).toBe(200);
    expect((await fetch(url, { headers: { authorization: 'Bearer any' } })).status).toBe(403);
  });

  test('cannot be changed', async () => {
    const url = await urlOf(simulator.url);
    expect((await fetch(url.replace('.png', 'A.png'))).status).toBe(403);
    expect((await fetch(url.replace(/Expires=\d+/, 'Expires=9999999999'))).status).toBe(403);
  });

  test('work after a restart', async () => {
    let url: string;
    {
      await using before = await open();
      url = await urlOf(before.url);
    }
    await using after = await open();
    expect(await sizeAt(url.replace(/127\.0\.0\.1:\d+/, new URL(after.url).host))).toBe('png 1024x1024 alpha:false');
  });

  test('expire', async () => {
    await using shortLived = await open({ urlLifetimeSeconds: 0 });
    expect((await fetch(await urlOf(shortLived.url))).status).toBe(403);
  });
});

describe('authentication', () => {
  test.each([
    [null, 'No token provided'],
    ['Bearer invalid', 'Invalid token'],
  ])('%s gets 401', async (authorization, message) => {
    const response = await post(simulator.url, { model, prompt: 'a' }, authorization);
    expect(response.status).toBe(401);
    expect(((await response.json()) as Failure).error.message).toContain(message);
  });

  test('a valid key lists the models', async () => {
    expect((await clientOf(simulator.url).models()).data.map(({ id }) => id)).toEqual([
      'wan2.7-image-pro',
      'wan2.7-image',
    ]);
  });
});

describe('[[simulate]] causes a fault', () => {
  const attempt = (words: string, more: object = {}): Promise<Response> =>
    post(simulator.url, { model, prompt: `花 [[simulate ${words}]]`, size: '1K', ...more });
  const billed = (): number => simulator.calls.at(-1)?.billed ?? -1;

  test('an error with any status, code and retry-after is not billed below 500, except 408 and 409', async () => {
    const response = await attempt('status=429 code=Throttling.AllocationQuota retry-after=7');
    expect(response.status).toBe(429);
    expect(response.headers.get('retry-after')).toBe('7');
    expect(((await response.json()) as Failure).error.code).toBe('Throttling.AllocationQuota');
    expect(billed()).toBe(0);
    for (const status of [503, 408, 409]) {
      expect((await attempt(`status=${status}`)).status).toBe(status);
      expect(billed()).toBe(1);
    }
  });

  test('times limits the number of faults', async () => {
    const statuses = [];
    for (let i = 0; i < 4; i++) statuses.push((await attempt('status=500 times=2')).status);
    expect(statuses).toEqual([500, 500, 200, 200]);
  });

  test('a connection that is cut in the body or before the headers is billed', async () => {
    const inBody = await failureOf(attempt('cut=0.5').then((response) => response.text()));
    expect(inBody).toMatchObject({ name: 'TypeError', cause: { code: 'UND_ERR_SOCKET' } });
    expect(billed()).toBe(1);
    const beforeHeaders = await failureOf(attempt('cut=0'));
    expect(beforeHeaders).toMatchObject({ message: 'fetch failed', cause: { code: 'UND_ERR_SOCKET' } });
    expect(simulator.calls.at(-1)).toMatchObject({ billed: 1, status: null });
  });

  test('partial sets the number of images', async () => {
    const response = await attempt('partial=2', { n: 4 });
    expect(((await response.json()) as JsonResponse).data).toHaveLength(2);
    expect(billed()).toBe(2);
  });

  test('html, empty and error200 replace the body', async () => {
    const page = await attempt('html');
    expect([page.status, page.headers.get('content-type')]).toEqual([502, 'text/html']);
    expect(billed()).toBe(1);
    await attempt('html status=429');
    expect(billed()).toBe(0);
    const empty = await attempt('empty');
    expect([empty.status, await empty.text()]).toEqual([200, '']);
    const error200 = await attempt('error200 code=InvalidParameter');
    expect(error200.status).toBe(200);
    expect(billed()).toBe(0);
    await attempt('error200 code=InternalError');
    expect(billed()).toBe(1);
    expect(((await error200.json()) as Failure).error.code).toBe('InvalidParameter');
  });

  test('delay delays the response', async () => {
    await attempt('delay=30');
    expect(simulator.calls.at(-1)?.delay_ms).toBe(30);
  });

  test.each(['stauts=429', 'status=4x9', 'html=1', 'cut=2', 'partial=0', ''])(
    'an invalid option (%s) is refused and named',
    async (words) => {
      const response = await attempt(words);
      expect(response.status).toBe(400);
      expect(((await response.json()) as Failure).error.message).toContain(words.split('=')[0]);
    },
  );

  test('spaces around the directive are ignored', async () => {
    expect((await post(simulator.url, { model, prompt: '花 [[ simulate  status=503 ]]' })).status).toBe(503);
  });

  test('the directive is removed from the prompt', async () => {
    expect(await (await attempt('partial=1')).text()).not.toContain('simulate partial');
  });
});

test('thinking takes longer where it takes effect', async () => {
  await using slow = await open({ latencyMs: 5 });
  const delays: (number | undefined)[] = [];
  for (const more of [
    {},
    { thinking_mode: false },
    { image: 'https://example.com/a.png' },
    { enable_sequential: true, n: 1 },
  ]) {
    await clientOf(slow.url).generate({ model, prompt: 'a', ...more });
    delays.push(slow.calls.at(-1)?.delay_ms);
  }
  expect(delays).toEqual([15, 5, 5, 5]);
});

test('GET /simulator/calls lists calls without image bytes, DELETE clears them', async () => {
  await using fresh = await open();
  await clientOf(fresh.url).generate(
    { model, prompt: 'a', n: 2, image: await dataUri({ format: 'png', width: 300, height: 300 }) },
    { idempotencyKey: 'k1' },
  );
  const log = (await (await fetch(`${fresh.url}/simulator/calls`)).json()) as { data: unknown[]; totals: unknown };
  expect(log.data).toMatchObject([{ idempotency_key: 'k1', status: 200, billed: 2, body: { n: 2, size: '2K' } }]);
  expect(JSON.stringify(log)).toMatch(/data:image\/png;base64,… \(\d+ characters\)/);
  expect(log.totals).toEqual({ calls: 1, billed_generations: 1, billed_images: 2 });
  await fetch(`${fresh.url}/simulator/calls`, { method: 'DELETE' });
  expect(fresh.totals).toEqual({ calls: 0, billed_generations: 0, billed_images: 0 });
});

describe('stub mode', () => {
  test.each(['url', 'b64_json'] as const)(
    'responds with canned images of the options size (%s)',
    async (response_format) => {
      await using stub = await open({ stub: { imageBytes: 100_000, delayMs: 1 } });
      const { images } = await clientOf(stub.url).generate({ model, prompt: 'a', n: 3, response_format });
      const files = await Promise.all(images.map((image) => image.bytes()));
      expect(files.map((bytes) => bytes.length)).toEqual([100_000, 100_000, 100_000]);
      expect(readImageInfo(bytesSource(files[0] ?? new Uint8Array()))).toMatchObject({ format: 'png', width: 1024 });
      expect(stub.totals.billed_images).toBe(3);
    },
  );
});

test('the simulator responds while it renders', async () => {
  const client = clientOf(simulator.url);
  const state = { isRendering: true, responded: 0 };
  const request = { model: 'wan2.7-image-pro', prompt: '大', size: '4K', response_format: 'b64_json' } as const;
  const rendering = client.generate(request).finally(() => (state.isRendering = false));
  while (state.isRendering) {
    await client.models();
    state.responded++;
  }
  await rendering;
  expect(state.responded).toBeGreaterThan(3);
});
