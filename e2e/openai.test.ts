import OpenAI, { toFile } from 'openai';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { temporaryFolder } from '@wan-image/testing/folders';
import { failureOf } from '@wan-image/testing/failures';
import { encodeImage } from '@wan-image/testing/images';
import { imageAt, imageInBase64 } from './support/images.ts';
import { startService, type Service } from './support/service.ts';

/** An unmodified OpenAI SDK, with the base URL and the key of this service. */
const resources = new AsyncDisposableStack();
let service: Service;
let openai: OpenAI;
beforeAll(async () => {
  const folder = resources.use(await temporaryFolder());
  service = resources.use(
    await startService({ DATA_DIR: folder.path, PORT: '0', ADMIN_API_KEY: 'admin-key-of-tests' }),
  );
  openai = new OpenAI({ baseURL: `${service.url}/v1`, apiKey: 'admin-key-of-tests', maxRetries: 0 });
});
afterAll(() => resources.disposeAsync());

/** The SDK passes parameters of the vendor on, though its types do not know them. */
function parameters(more: object): OpenAI.ImageGenerateParamsNonStreaming {
  return { model: 'wan2.7-image-pro', prompt: '一间花店', ...more };
}

test('gets an image as a URL', async () => {
  const response = await openai.images.generate(parameters({ size: '2K', seed: 7, thinking_mode: false }));
  expect(await imageAt(response.data?.[0]?.url ?? '')).toBe('png 2048x2048');
});

test('gets an image as base64', async () => {
  const response = await openai.images.generate(
    parameters({ size: '1024x1024', response_format: 'b64_json', quality: 'high' }),
  );
  expect(imageInBase64(response.data?.[0]?.b64_json)).toBe('png 1024x1024');
});

test('reads the event stream of a generation and of an edit', async () => {
  const prompt = '四季 [[simulate partial=2]]';
  const more = {
    prompt,
    size: '1024x1024' as const,
    n: 2,
    enable_sequential: true,
    response_format: 'b64_json' as const,
  };
  const stream = await openai.images.generate({ ...parameters(more), stream: true });
  const sizes: string[] = [];
  for await (const event of stream) {
    expect(event.type).toBe('image_generation.completed');
    sizes.push(imageInBase64(event.b64_json));
  }
  expect(sizes).toEqual(['png 1024x1024', 'png 1024x1024']);
  const image = await toFile(await encodeImage({ format: 'png', width: 320, height: 240 }), 'fox.png', {
    type: 'image/png',
  });
  const edits = await openai.images.edit({ model: 'wan2.7-image', prompt: '加一顶帽子', image, stream: true });
  const types: string[] = [];
  for await (const event of edits) types.push(event.type);
  expect(types).toEqual(['image_edit.completed']);
});

test('throws its own typed error for a stream that fails before it begins', async () => {
  const failure = await failureOf(openai.images.generate({ ...parameters({ size: '2k' }), stream: true }));
  expect(failure).toBeInstanceOf(OpenAI.BadRequestError);
  expect(failure).toMatchObject({ param: 'size' });
});

test("passes the vendor's parameters on", async () => {
  const { data, response } = await openai.images
    .generate(parameters({ prompt: '四季 [[simulate partial=3]]', size: '1K', enable_sequential: true, seed: 0, n: 3 }))
    .withResponse();
  expect(data.data).toHaveLength(3);
  const id = response.headers.get('x-generation-id');
  const record = await (
    await fetch(`${service.url}/v1/generations/${id}`, { headers: { authorization: 'Bearer admin-key-of-tests' } })
  ).json();
  expect(record).toMatchObject({ request: { enable_sequential: true, seed: 0, n: 3, size: '1K' } });
});

test('throws its own typed errors, with the request id', async () => {
  const stranger = new OpenAI({ baseURL: `${service.url}/v1`, apiKey: 'wrong', maxRetries: 0 });
  const unknownKey = await failureOf(stranger.images.generate(parameters({})));
  expect(unknownKey).toBeInstanceOf(OpenAI.AuthenticationError);
  const wrongSize = await failureOf(openai.images.generate(parameters({ size: '2k' })));
  expect(wrongSize).toBeInstanceOf(OpenAI.BadRequestError);
  expect(wrongSize).toMatchObject({ param: 'size', requestID: expect.stringMatching(/^[\w-]{36}$/) });
  const busy = await failureOf(
    openai.images.generate(parameters({ prompt: '忙 [[simulate status=429 retry-after=60]]' })),
  );
  expect(busy).toBeInstanceOf(OpenAI.RateLimitError);
  expect(busy).toMatchObject({ code: 'Throttling.RateQuota' });
});

test('does not retry what may have been billed', async () => {
  const eager = new OpenAI({ baseURL: `${service.url}/v1`, apiKey: 'admin-key-of-tests', maxRetries: 2 });
  const prompt = `可能已付费 [[simulate status=500]]`;
  expect(await failureOf(eager.images.generate(parameters({ prompt })))).toBeInstanceOf(OpenAI.InternalServerError);
  const list = (await (
    await fetch(`${service.url}/v1/generations`, { headers: { authorization: 'Bearer admin-key-of-tests' } })
  ).json()) as { data: { prompt: string }[] };
  expect(list.data.filter((record) => record.prompt === prompt)).toHaveLength(1);
});

test('lists the models', async () => {
  const ids: string[] = [];
  for await (const model of openai.models.list()) ids.push(model.id);
  expect(ids).toEqual(['wan2.7-image-pro', 'wan2.7-image']);
  expect((await openai.models.retrieve('wan2.7-image')).id).toBe('wan2.7-image');
  expect(await failureOf(openai.models.retrieve('dall-e-3'))).toBeInstanceOf(OpenAI.NotFoundError);
});
