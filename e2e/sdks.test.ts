import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import type { GenerationRecord } from '@wan-image/core';
import { encodeImage } from '@wan-image/testing/images';
import { generateImage } from 'ai';
import OpenAI, { toFile } from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { temporaryFolder } from '@wan-image/testing/folders';
import { failureOf } from '@wan-image/testing/failures';
import { imageAt, imageInBase64 } from './support/images.ts';
import { startService, type Service } from './support/service.ts';

/** Unmodified clients that know only OpenAI's API. Applications are represented by the bodies that they send. */
const KEY = 'admin-key-of-tests';
const AUTHORIZED = { authorization: `Bearer ${KEY}` };

const resources = new AsyncDisposableStack();
let service: Service;
let openai: OpenAI;
beforeAll(async () => {
  const folder = resources.use(await temporaryFolder());
  service = resources.use(
    await startService({
      DATA_DIR: folder.path,
      PORT: '0',
      ADMIN_API_KEY: KEY,
      MODEL_ALIASES: 'gpt-image-1=wan2.7-image-pro',
      OPENAI_DIALECT: 'true',
    }),
  );
  openai = new OpenAI({ baseURL: `${service.url}/v1`, apiKey: KEY, maxRetries: 0 });
});
afterAll(() => resources.disposeAsync());

/** Each input has another width, which shows its position. */
const WIDTHS = [512, 640, 768] as const;

function photo(width: number): Promise<Buffer> {
  return encodeImage({ format: 'png', width, height: 512 });
}

async function recordOf(headers: Headers): Promise<GenerationRecord> {
  const response = await fetch(`${service.url}/v1/generations/${headers.get('x-generation-id')}`, {
    headers: AUTHORIZED,
  });
  return (await response.json()) as GenerationRecord;
}

function inputWidths(record: GenerationRecord): readonly (number | null)[] {
  return record.input_images.map(({ width }) => width);
}

describe('openai', () => {
  test('generates with a model and parameters of OpenAI, and gets base64 as from OpenAI', async () => {
    const { data, response } = await openai.images
      .generate({ model: 'gpt-image-1', prompt: '一间花店', size: '1024x1024', quality: 'high' })
      .withResponse();
    expect(imageInBase64(data.data?.[0]?.b64_json)).toBe('png 1024x1024');
    expect(await recordOf(response.headers)).toMatchObject({ model: 'wan2.7-image-pro', state: 'succeeded' });
  });

  test('generates with a model of the vendor and gets a URL when it asks for one', async () => {
    const response = await openai.images.generate({
      model: 'wan2.7-image',
      prompt: '一间花店',
      size: '1024x1024',
      response_format: 'url',
    });
    expect(await imageAt(response.data?.[0]?.url ?? '')).toBe('png 1024x1024');
  });

  test('edits one file', async () => {
    const { data, response } = await openai.images
      .edit({
        model: 'gpt-image-1',
        prompt: '换成夜景',
        size: '1024x1024',
        image: await toFile(await photo(512), 'photo.png', { type: 'image/png' }),
      })
      .withResponse();
    expect(imageInBase64(data.data?.[0]?.b64_json)).toBe('png 1024x1024');
    const record = await recordOf(response.headers);
    expect(record.model).toBe('wan2.7-image-pro');
    expect(inputWidths(record)).toEqual([512]);
  });

  test('edits several files, in order', async () => {
    const image = await Promise.all(
      WIDTHS.map(async (width) => toFile(await photo(width), `${width}.png`, { type: 'image/png' })),
    );
    const { data, response } = await openai.images
      .edit({ model: 'gpt-image-1', prompt: '放在一起', size: '1024x1024', image })
      .withResponse();
    expect(imageInBase64(data.data?.[0]?.b64_json)).toBe('png 1024x1024');
    expect(inputWidths(await recordOf(response.headers))).toEqual(WIDTHS);
  });

  test('gets an error for a mask before anything is billed', async () => {
    const file = await toFile(await photo(512), 'photo.png', { type: 'image/png' });
    const error = await failureOf(
      openai.images.edit({ model: 'gpt-image-1', prompt: '换掉', image: file, mask: file }),
    );
    expect(error).toBeInstanceOf(OpenAI.BadRequestError);
    expect(error).toMatchObject({ param: 'mask' });
  });
});

describe('AI SDK', () => {
  const model = (name: string) =>
    createOpenAICompatible({ name: 'wan', apiKey: KEY, baseURL: `${service.url}/v1` }).imageModel(name);

  test.each(['wan2.7-image', 'gpt-image-1'])('generates with %s', async (name) => {
    const { image } = await generateImage({ model: model(name), prompt: '一间花店', size: '1024x1024', maxRetries: 0 });
    expect(imageInBase64(image.base64)).toBe('png 1024x1024');
  });

  test('passes the vendor’s parameters on', async () => {
    const { image } = await generateImage({
      model: model('wan2.7-image-pro'),
      prompt: '一间花店',
      providerOptions: { wan: { size: '2K', seed: 7, thinking_mode: false, response_format: 'url' } },
      maxRetries: 0,
    });
    expect(imageInBase64(image.base64)).toBe('png 2048x2048');
  });

  test.each([
    ['one image', WIDTHS.slice(0, 1)],
    ['several images', WIDTHS],
  ])('edits %s', async (_, widths) => {
    const { image, responses } = await generateImage({
      model: model('gpt-image-1'),
      prompt: { text: '换成夜景', images: await Promise.all(widths.map(photo)) },
      size: '1024x1024',
      maxRetries: 0,
    });
    expect(imageInBase64(image.base64)).toBe('png 1024x1024');
    expect(inputWidths(await recordOf(new Headers(responses[0]?.headers)))).toEqual(widths);
  });
});

interface ImagesResponse {
  readonly data: readonly { readonly b64_json?: string; readonly url?: string }[];
}

function post(path: string, body: object): Promise<Response> {
  const isForm = body instanceof FormData;
  return fetch(`${service.url}/v1/images/${path}`, {
    method: 'POST',
    headers: { ...AUTHORIZED, ...(isForm ? {} : { 'content-type': 'application/json' }) },
    body: isForm ? body : JSON.stringify(body),
  });
}

async function firstOf(response: Response): Promise<ImagesResponse['data'][number]> {
  if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
  const { data } = (await response.json()) as ImagesResponse;
  return data[0] ?? {};
}

async function form(
  fields: Readonly<Record<string, string>>,
  name: string,
  widths: readonly number[],
): Promise<FormData> {
  const data = new FormData();
  for (const [field, value] of Object.entries(fields)) data.set(field, value);
  for (const width of widths) {
    data.append(name, new Blob([new Uint8Array(await photo(width))], { type: 'image/png' }), `${width}.png`);
  }
  return data;
}

describe('Open WebUI', () => {
  const body = { model: 'wan2.7-image', prompt: '一间花店', n: 1, response_format: 'b64_json' };

  test('generates', async () => {
    const { b64_json, url } = await firstOf(await post('generations', { ...body, size: '1024x1024' }));
    // Open WebUI prefers a URL to base64.
    expect(url ?? '').toBe('');
    expect(imageInBase64(b64_json)).toBe('png 1024x1024');
  });

  test('gets the smallest image for its own smaller default, with a warning', async () => {
    const response = await post('generations', { ...body, size: '512x512' });
    expect(response.headers.get('warning')).toContain('512x512');
    expect(imageInBase64((await firstOf(response)).b64_json)).toBe('png 768x768');
  });

  test('opens the URL of an image with its own key', async () => {
    const { url = '' } = await firstOf(await post('generations', { ...body, response_format: 'url' }));
    const image = await fetch(url, { headers: AUTHORIZED });
    expect(image.headers.get('content-type')).toBe('image/png');
  });

  test.each([
    ['image', WIDTHS.slice(0, 1)],
    ['image[]', WIDTHS],
  ])('edits what it sends as %s', async (name, widths) => {
    const fields = {
      model: 'wan2.7-image',
      prompt: '换成夜景',
      n: '1',
      size: '1024x1024',
      response_format: 'b64_json',
    };
    const response = await post('edits', await form(fields, name, widths));
    const record = recordOf(response.headers);
    expect(imageInBase64((await firstOf(response)).b64_json)).toBe('png 1024x1024');
    expect(inputWidths(await record)).toEqual(widths);
  });
});

describe('LibreChat', () => {
  /** LibreChat knows one model and never asks for base64, although it shows nothing else. */
  const words = { model: 'gpt-image-1', prompt: '一间花店', quality: 'auto', size: 'auto' };

  test('generates', async () => {
    const body = { ...words, n: 1, background: 'auto', output_format: 'png' };
    const { b64_json } = await firstOf(await post('generations', body));
    expect(imageInBase64(b64_json)).toMatch(/^png \d+x\d+$/);
  });

  test('edits', async () => {
    const response = await post('edits', await form({ ...words, n: '1' }, 'image[]', WIDTHS));
    const record = recordOf(response.headers);
    expect(imageInBase64((await firstOf(response)).b64_json)).toMatch(/^png \d+x\d+$/);
    expect(inputWidths(await record)).toEqual(WIDTHS);
  });
});
