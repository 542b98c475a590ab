import { once } from 'node:events';
import { readdir, readlink } from 'node:fs/promises';
import { request, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { encodeImage } from '@wan-image/testing/images';
import { sendJson, startTestServer } from '@wan-image/testing/http-server';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pathOf } from '../src/storage/folder-layout.ts';
import { onDatabase } from './support/on-database.ts';
import { generate, send } from './support/requests.ts';
import { openTestData, runHistory, upstreamAt, type TestData } from './support/test-history.ts';

describe('200 images of 8 MB', () => {
  const resources = new AsyncDisposableStack();
  let large: TestData;
  let url: string;
  let ids: readonly string[];
  let path: string;
  beforeAll(async () => {
    const image = await encodeImage({ format: 'bmp', width: 2000, height: 1400 });
    const upstream = resources.use(
      await startTestServer(({ path: requested }, response) => {
        if (requested === '/a.bmp') response.end(image);
        else sendJson(response, 200, { created: 1, data: [{ url: `${upstream.url}/a.bmp` }] });
      }),
    );
    large = resources.use(await openTestData());
    url = resources.use(await runHistory(large, upstreamAt(upstream.url))).url;
    const found: string[] = [];
    for (let count = 0; count < 2; count++) {
      const { headers } = await generate(url, { model: 'wan2.7-image', prompt: '大图', size: '1K' });
      found.push(headers.get('x-generation-id') ?? '');
    }
    ids = found;
    // As if each had generated 100.
    await onDatabase(
      large,
      `insert into generation_image select (jsonb_populate_record(t, jsonb_build_object('index', n))).* from generation_image as t, generate_series(1, 99) as n where role = 'output'`,
    );
    const [row] = (await onDatabase(large, `select sha256 from generation_image limit 1`)) as { sha256: string }[];
    path = pathOf(join(large.dataDir, 'images'), row?.sha256 ?? '');
  });
  afterAll(() => resources.disposeAsync());

  const begin = async (): Promise<IncomingMessage> => {
    const sent = request(`${url}/v1/exports?format=zip&${ids.map((id) => `id=${id}`).join('&')}`).end();
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    expect(response.statusCode).toBe(200);
    return response;
  };

  test('are never in memory at once', { timeout: 600_000 }, async () => {
    const before = process.memoryUsage.rss();
    let most = before;
    let received = 0;
    // Not at each chunk: to ask takes longer than to read one.
    const watching = setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), 50);
    for await (const chunk of (await begin()) as AsyncIterable<Buffer>) received += chunk.length;
    clearInterval(watching);
    expect(received).toBeGreaterThan(200 * 8_000_000);
    // Both ends are in this process.
    expect(most - before).toBeLessThan(200_000_000);
  });

  test.runIf(process.platform === 'linux')('are no longer read when the client disconnects', async () => {
    const openFiles = async (): Promise<number> => {
      const links = (await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => ''));
      return (await Promise.all(links)).filter((link) => link === path).length;
    };
    const response = await begin();
    await once(response, 'readable');
    expect(await openFiles()).toBeGreaterThan(0);
    response.destroy();
    await expect.poll(openFiles).toBe(0);
    expect((await send<object>(`${url}/v1/generations`, {})).status).toBe(200);
  });
});
