import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { sendJson, startTestServer } from '@wan-image/testing/http-server';
import { encodeImage } from '@wan-image/testing/images';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pathOf } from '../src/storage/folder-layout.ts';
import { fetchChecked, generate, recordOf } from './support/requests.ts';
import { openHistory, openTestData, runHistory, upstreamAt, type TestHistory } from './support/test-history.ts';

const model = 'wan2.7-image';

let history: TestHistory & AsyncDisposable;
let url: string;
let imageId: string;
beforeAll(async () => {
  history = await openHistory();
  const response = await generate(history.url, { model, prompt: '花', size: '1K' });
  url = response.body.data[0]?.url ?? '';
  imageId = `${response.headers.get('x-generation-id')}-0`;
});
afterAll(() => history[Symbol.asyncDispose]());

const lastBody = (): unknown => history.simulator.calls.at(-1)?.body;
const edit = (image: unknown) => generate(history.url, { model, prompt: '把图1放进图2', size: '1K', image });

describe('an image of this service, referenced by its URL', () => {
  test('is sent upstream as its bytes, and the record names the referenced image', async () => {
    const response = await edit(['https://example.com/1.png', url]);
    expect(response.status).toBe(200);
    const { image } = lastBody() as { readonly image: unknown };
    expect(image).toEqual(['https://example.com/1.png', expect.stringMatching(/^data:image\/png;base64,/)]);
    const { input_images: inputs } = await recordOf(history.url, response);
    expect(inputs).toMatchObject([
      { kind: 'url', from_image: null },
      { kind: 'stored', width: 1024, height: 1024, mime_type: 'image/png', from_image: imageId },
    ]);
    const [original, input] = await Promise.all(
      [url, inputs[1]?.url ?? ''].map(async (one) => (await fetchChecked(one)).arrayBuffer()),
    );
    expect(input).toEqual(original);
  });

  test('can be an input of another, and needs no signature', async () => {
    const first = await edit(url);
    const input = (await recordOf(history.url, first)).input_images[0]?.url ?? '';
    const second = await edit(input.replace(/\?.*/, ''));
    expect((await recordOf(history.url, second)).input_images[0]?.from_image).toMatch(/-input-0$/);
  });

  test('is the same request as its bytes', async () => {
    const key = { 'idempotency-key': 'lineage' };
    const bytes = Buffer.from(await (await fetchChecked(url)).arrayBuffer()).toString('base64');
    const body = { model, prompt: '同', size: '1K' };
    const first = await generate(history.url, { ...body, image: url }, key);
    const second = await generate(history.url, { ...body, image: `data:image/png;base64,${bytes}` }, key);
    expect(second.body).toEqual(first.body);
  });

  test.each<[string, (url: string) => string, RegExp]>([
    ['with a wrong signature', (link) => `${link.slice(0, -3)}AAA`, /invalid signature/],
    ['with half a signature', (link) => link.replace(/&signature=.*/, ''), /invalid signature/],
    ['that does not exist', (link) => link.replace(/-0\?.*/, '-3'), /does not exist/],
    ['that is no image id', (link) => link.replace(/\/images\/.*/, '/images/x'), /does not exist/],
  ])('is rejected %s', async (_name, change, message) => {
    const before = history.simulator.totals.calls;
    const { status, body } = await edit(['https://example.com/1.png', change(url)]);
    expect([status, body.error.param]).toEqual([400, 'image[1]']);
    expect(body.error.message).toMatch(message);
    expect(history.simulator.totals.calls).toBe(before);
  });

  test('is validated by the rules for bytes', async () => {
    const small = await generate(history.url, {
      model,
      prompt: '小',
      size: '100x100',
      image: 'https://example.com/1.png',
    });
    const { status, body } = await edit(small.body.data[0]?.url);
    expect([status, body.error.param]).toEqual([400, 'image']);
    expect(body.error.message).toContain('image is 100x100 px');
  });

  test('is rejected if its file is missing', async () => {
    const response = await generate(history.url, { model, prompt: '去', size: '1K', seed: 9 });
    const { sha256 } = (await recordOf(history.url, response)).images[0] ?? {};
    const name = sha256 ?? '';
    await rm(pathOf(join(history.testData.dataDir, 'images'), name));
    const { status, body } = await edit(response.body.data[0]?.url);
    expect([status, body.error.param]).toEqual([400, 'image']);
    expect(body.error.message).toContain('lost');
  });
});

test('a pending image is fetched first, or rejected with a retry-after', async () => {
  const png = await encodeImage({ format: 'png', width: 320, height: 240 });
  let isThere = false;
  await using server = await startTestServer((request, response) => {
    if (request.method === 'POST')
      return sendJson(response, 200, { created: 1, data: [{ url: `http://${request.headers.host}/1.png` }] });
    return isThere
      ? void response.writeHead(200, { 'content-type': 'image/png' }).end(png)
      : void response.writeHead(503).end();
  });
  await using testData = await openTestData();
  await using service = await runHistory(testData, upstreamAt(server.url));
  const first = await generate(service.url, { model, prompt: '花', size: '1K' });
  const image = first.body.data[0]?.url;
  const early = await generate(service.url, { model, prompt: '改', size: '1K', image });
  expect([early.status, early.headers.get('retry-after')]).toEqual([503, '60']);
  isThere = true;
  const late = await generate(service.url, { model, prompt: '改', size: '1K', image });
  expect(late.status).toBe(200);
  expect((await recordOf(service.url, late)).input_images).toMatchObject([{ kind: 'stored', width: 320 }]);
});
