import type { ModelList } from '@wan-image/core';
import { dataUri } from '@wan-image/testing/images';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fetchChecked, generate, get, recordOf } from './support/requests.ts';
import { openHistory, type TestHistory } from './support/test-history.ts';

const prompt = '一间花店';
const model = 'wan2.7-image';
const image = await dataUri({ format: 'png', width: 320, height: 240 });

let history: TestHistory & AsyncDisposable;
beforeAll(async () => {
  history = await openHistory({
    MODEL_ALIASES: 'gpt-image-1=wan2.7-image-pro,dall-e-3=wan2.7-image',
    OPENAI_DIALECT: 'true',
  });
});
afterAll(() => history[Symbol.asyncDispose]());

const lastBody = (): unknown => history.simulator.calls.at(-1)?.body;

describe("in OpenAI's dialect", () => {
  test('an alias, an automatic size and an absent format are replaced; the record and the response say so', async () => {
    const response = await generate(history.url, { model: 'dall-e-3', prompt, size: 'auto' });
    expect(response.status).toBe(200);
    expect(response.headers.get('warning')).toBe(
      '299 - "model dall-e-3 taken as wan2.7-image", 299 - "size auto taken as 2K", 299 - "response_format (not given) taken as b64_json"',
    );
    expect(response.body.data[0]?.b64_json).toEqual(expect.any(String));
    expect(lastBody()).toMatchObject({ model, size: '2K', response_format: 'b64_json' });
    expect(await recordOf(history.url, response)).toMatchObject({
      model,
      request: { model, size: '2K', response_format: 'b64_json' },
      adapted: [
        { param: 'model', given: 'dall-e-3', used: model },
        { param: 'size', given: 'auto', used: '2K' },
        { param: 'response_format', given: null, used: 'b64_json' },
      ],
    });
  });

  test.each([
    ['256x256', '768x768'],
    ['512x512', '768x768'],
    ['300x300', '768x768'],
    ['640x360', '1024x576'],
    ['800x100', '2173x272'],
    ['511x513', '767x770'],
  ])('a size that is too small is scaled up with its aspect ratio: %s', async (size, used) => {
    const response = await generate(history.url, { model, prompt, size, response_format: 'url' });
    expect(response.status).toBe(200);
    expect((await recordOf(history.url, response)).adapted).toEqual([{ param: 'size', given: size, used }]);
  });

  test.each([
    [{ size: '1024x1024' }, '1024x1024'],
    [{ size: '512x512', image: image }, '512x512'],
    [{ size: '512x512', enable_sequential: true, n: 1 }, '512x512'],
  ])('an allowed size is unchanged: case %#', async (fields, size) => {
    const response = await generate(history.url, { model, prompt, response_format: 'url', ...fields });
    expect([response.status, response.headers.get('warning')]).toEqual([200, null]);
    expect(lastBody()).toMatchObject({ size });
    expect((await recordOf(history.url, response)).adapted).toEqual([]);
  });

  test('a request that the contract rejects is still rejected', async () => {
    const { status, body } = await generate(history.url, { model: 'gpt-image-1', prompt, size: '100x10' });
    expect([status, body.error.param]).toEqual([400, 'size']);
    expect((await generate(history.url, { model: 'gpt-image-2', prompt })).body.error.param).toBe('model');
  });

  test('a form is accepted in the same way', async () => {
    const form = new FormData();
    form.append('model', 'gpt-image-1');
    form.append('prompt', prompt);
    form.append('size', 'auto');
    form.append('image[]', new Blob([Buffer.from(image.slice(image.indexOf(',') + 1), 'base64')]), 'a.png');
    const response = await fetchChecked(`${history.url}/v1/images/edits`, { method: 'POST', body: form });
    expect([response.status, response.headers.get('warning')]).toEqual([
      200,
      expect.stringMatching(/^299 - "model gpt-image-1/),
    ]);
    expect(lastBody()).toMatchObject({ model: 'wan2.7-image-pro', size: '2K' });
  });

  test('the list of models includes the aliases', async () => {
    const { data } = (await get<ModelList>(history.url, '/v1/models')).body;
    expect(data.map(({ id }) => id).toSorted()).toEqual(['dall-e-3', 'gpt-image-1', model, 'wan2.7-image-pro']);
  });
});

test('without the settings nothing is replaced', async () => {
  await using plain = await openHistory();
  for (const [fields, param] of [
    [{ model: 'dall-e-3' }, 'model'],
    [{ model, size: 'auto' }, 'size'],
    [{ model, size: '256x256' }, 'size'],
  ] as const) {
    expect((await generate(plain.url, { prompt, ...fields })).body.error.param).toBe(param);
  }
  const response = await generate(plain.url, { model, prompt, size: '1K' });
  expect([response.body.data[0]?.url, response.headers.get('warning')]).toEqual([expect.any(String), null]);
});
