import { readdir } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import type { ErrorBody, GenerationResponse } from '@wan-image/core';
import { encodeImage } from '@wan-image/testing/images';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fetchChecked, generate, type JsonResponse, recordOf } from './support/requests.ts';
import { openHistory, type TestHistory } from './support/test-history.ts';

const model = 'wan2.7-image';
const png = await encodeImage({ format: 'png', width: 320, height: 240 });
const jpeg = await encodeImage({ format: 'jpeg', width: 321, height: 240 });
const webp = await encodeImage({ format: 'webp', width: 322, height: 240 });
const narrow = await encodeImage({ format: 'png', width: 100, height: 300 });
const uri = (type: string, bytes: Uint8Array): string =>
  `data:image/${type};base64,${Buffer.from(bytes).toString('base64')}`;

let history: TestHistory & AsyncDisposable;
beforeAll(async () => {
  history = await openHistory();
});
afterAll(() => history[Symbol.asyncDispose]());

type Field = readonly [name: string, value: string | Uint8Array, filename?: string, type?: string];

function formOf(fields: readonly Field[]): FormData {
  const form = new FormData();
  for (const [name, value, filename, type = 'application/octet-stream'] of fields) {
    if (typeof value === 'string') form.append(name, value);
    else form.append(name, new Blob([new Uint8Array(value)], { type }), filename ?? 'image');
  }
  return form;
}

const BASE: readonly Field[] = [
  ['model', model],
  ['prompt', '把图1放进图2'],
  ['size', '1K'],
];

async function edit(
  body: FormData | string | Uint8Array,
  headers: Record<string, string> = {},
): Promise<JsonResponse<GenerationResponse & ErrorBody>> {
  const init = { method: 'POST', headers, body: body instanceof Uint8Array ? new Uint8Array(body) : body };
  const response = await fetchChecked(`${history.url}/v1/images/edits`, init);
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as GenerationResponse & ErrorBody,
  };
}

const lastBody = (): unknown => history.simulator.calls.at(-1)?.body;
const staged = (): Promise<string[]> => readdir(join(history.testData.dataDir, 'images', 'tmp'));

/** The image as the simulator's log shortens it. */
async function shortened(image: unknown): Promise<unknown> {
  await generate(history.url, { model, prompt: '把图1放进图2', size: '1K', image });
  return lastBody();
}

describe('a form', () => {
  test.each<[string, readonly Field[], unknown]>([
    ['one image', [['image', png]], uri('png', png)],
    [
      'image again and again',
      [
        ['image', png],
        ['image', jpeg],
      ],
      [uri('png', png), uri('jpeg', jpeg)],
    ],
    [
      'image[]',
      [
        ['image[]', webp],
        ['image[]', png],
      ],
      [uri('webp', webp), uri('png', png)],
    ],
    [
      'image[1] before image[0]',
      [
        ['image[1]', png],
        ['image[0]', jpeg],
      ],
      [uri('jpeg', jpeg), uri('png', png)],
    ],
    ['a stated type that is wrong', [['image', webp, 'a.png', 'image/png']], uri('webp', webp)],
    [
      'a URL and a data URI as text',
      [
        ['image', 'https://example.com/花.png?a="b"'],
        ['image', uri('jpeg', jpeg)],
      ],
      ['https://example.com/花.png?a="b"', uri('jpeg', jpeg)],
    ],
  ])('with %s is the same upstream request as its JSON', async (_name, images, asJson) => {
    const response = await edit(formOf([...BASE, ...images]));
    expect(response.status).toBe(200);
    const sent = lastBody();
    expect(await shortened(asJson)).toEqual(sent);
    await expect.poll(staged).toEqual([]);
  });

  test('parses its texts by the types of the contract; unknown fields are passed on, OpenAI-only fields are dropped', async () => {
    const response = await edit(
      formOf([
        ...BASE,
        ['image', png],
        ['n', '2'],
        ['seed', '0'],
        ['watermark', 'true'],
        ['thinking_mode', 'False'],
        ['enable_sequential', 'false'],
        ['stream', 'false'],
        ['user', 'me'],
        ['quality', 'high'],
        ['style_hint', '7'],
        ['response_format', ''],
      ]),
    );
    const record = await recordOf(history.url, response);
    expect(record.request).toMatchObject({
      n: 2,
      seed: 0,
      watermark: true,
      thinking_mode: false,
      enable_sequential: false,
      style_hint: '7',
    });
    expect(record.dropped).toEqual(['quality']);
    expect(record.input_images).toMatchObject([{ kind: 'stored', width: 320, mime_type: 'image/png' }]);
    expect(response.body.data).toHaveLength(2);
  });

  test('takes fields of a web page that were left empty as missing', async () => {
    const empty = new Uint8Array(0);
    const response = await edit(formOf([...BASE, ['image', png], ['mask', empty], ['photo', empty], ['mask', '']]));
    expect(response.status).toBe(200);
    expect(lastBody()).toEqual(await shortened(uri('png', png)));
  });

  test('that is sent twice is generated once, even if the second is JSON', async () => {
    const before = history.simulator.totals.calls;
    const key = { 'idempotency-key': 'form-and-json' };
    const first = await edit(formOf([...BASE, ['image', jpeg]]), key);
    const second = await edit(formOf([...BASE, ['image', jpeg, 'other.jpg', 'image/jpeg']]), key);
    const body = { model, prompt: '把图1放进图2', size: '1K', image: uri('jpg', jpeg) };
    const third = await generate(history.url, body, key);
    expect([second.body, third.body]).toEqual([first.body, first.body]);
    expect(history.simulator.totals.calls).toBe(before + 1);
    const other = await edit(formOf([...BASE, ['image', png]]), key);
    expect([other.status, other.body.error.code]).toEqual([422, 'idempotency_key_reuse']);
    await expect.poll(staged).toEqual([]);
  });
});

describe('is rejected, and leaves nothing behind', () => {
  const large = new Uint8Array(20 * 1024 * 1024 + 1);
  large.set(jpeg);
  test.each<[string, readonly Field[], string | null, RegExp]>([
    ['no image', [], 'image', /image is missing/],
    [
      'a mask',
      [
        ['image', png],
        ['mask', png],
      ],
      'mask',
      /mask is not supported/,
    ],
    [
      'a file in another field',
      [
        ['image', png],
        ['photo', png],
      ],
      'photo',
      /"photo"/,
    ],
    ['a file that is no image', [['image', Buffer.from('GIF89a')]], 'image', /image is not a JPEG, PNG, BMP or WEBP/],
    [
      'the second too small',
      [
        ['image', png],
        ['image', narrow],
      ],
      'image[1]',
      /image\[1\] is 100x300 px/,
    ],
    ['a file of more than 20 MB', [['image', large]], 'image', /image has 20971521 bytes, at most 20 MB/],
    [
      'ten images',
      Array.from({ length: 10 }, () => ['image', png] as const),
      'image',
      /a list of 1 to 9 of them, got a list of 10/,
    ],
    ['an image without bytes', [['image', new Uint8Array(0)]], 'image', /image is empty/],
    [
      'a second image without bytes',
      [
        ['image[]', png],
        ['image[]', new Uint8Array(0)],
      ],
      'image[1]',
      /image\[1\] is empty/,
    ],
    [
      'a number that is none',
      [
        ['image', png],
        ['n', 'two'],
      ],
      'n',
      /n must be a whole number.*got "two"/,
    ],
    ['a text that is no URL', [['image', 'flower.png']], 'image', /image must be an http\(s\) URL/],
  ])('%s', async (_name, fields, param, message) => {
    const before = history.simulator.totals.calls;
    const { status, body } = await edit(formOf([...BASE, ...fields]));
    expect([status, body.error.param]).toEqual([400, param]);
    expect(body.error.message).toMatch(message);
    expect(history.simulator.totals.calls).toBe(before);
    await expect.poll(staged).toEqual([]);
  });

  const form = 'multipart/form-data; boundary=b';
  const part = (name: string): string => `--b\r\nContent-Disposition: form-data; name="${name}"; filename="a"\r\n\r\n`;
  test.each([
    ['no boundary', 'multipart/form-data', 'x', 400, /no boundary/],
    ['nothing in the form', form, '', 400, /form is empty/],
    ['a form without parts', form, '--b--\r\n', 400, /image is missing/],
    ['a form that ends in a file', form, `${part('image')}abc`, 400, /ends too early/],
    [
      'a form that ends in a text',
      form,
      '--b\r\nContent-Disposition: form-data; name="prompt"\r\n\r\nabc',
      400,
      /ends too early/,
    ],
    ['a form without its end', form, `${part('image')}abc\r\n`, 400, /ends too early/],
    ['no form at all', form, 'hello', 400, /ends too early/],
    ['JSON without an image', 'application/json', JSON.stringify({ model, prompt: '花' }), 400, /image is missing/],
    ['another type', 'text/plain', 'hello', 415, /multipart\/form-data/],
  ])('%s', async (_name, type, body, status, message) => {
    const response = await edit(body, { 'content-type': type });
    expect([response.status, response.body.error.message]).toEqual([status, expect.stringMatching(message)]);
    await expect.poll(staged).toEqual([]);
  });

  test.each([
    ['without any name', ''],
    ['with an empty name', '; name=""'],
    ['with an empty name and a file name', '; name=""; filename="a.png"'],
  ])('a part %s; its bytes are not quoted', async (_name, fields) => {
    const body = Buffer.concat([
      Buffer.from(`--b\r\nContent-Disposition: form-data${fields}\r\nContent-Type: image/png\r\n\r\n`),
      png,
      Buffer.from('\r\n--b--\r\n'),
    ]);
    const response = await edit(body, { 'content-type': form });
    expect(response.status).toBe(400);
    expect(response.body.error.message).toMatch(/A part of the form has no name|ends too early|image is missing/);
    expect(JSON.stringify(response.body)).not.toMatch(/PNG|IHDR/);
    await expect.poll(staged).toEqual([]);
  });

  test('more than 100 parts', async () => {
    const many = Array.from({ length: 101 }, (_, index): Field => [`note${index}`, 'x']);
    const { status, body } = await edit(formOf([...BASE, ['image', png], ...many]));
    expect([status, body.error.message]).toEqual([413, expect.stringMatching(/more than 100 parts/)]);
    await expect.poll(staged).toEqual([]);
  });

  test('a list of more values than a request needs', async () => {
    const { status, body } = await edit(
      formOf([...BASE, ['image', png], ['note', JSON.stringify(Array(10_001).fill(1))]]),
    );
    expect([status, body.error.message]).toEqual([413, expect.stringMatching(/more than 10000 values/)]);
    await expect.poll(staged).toEqual([]);
  });

  test('a text of more than 1 MiB', async () => {
    const { status, body } = await edit(formOf([...BASE, ['image', png], ['note', 'x'.repeat(1024 * 1024 + 1)]]));
    expect([status, body.error.message]).toEqual([413, expect.stringMatching(/1 MiB/)]);
    await expect.poll(staged).toEqual([]);
  });

  test('a form whose client disconnects in the middle of a file', async () => {
    const sending = httpRequest(`${history.url}/v1/images/edits`, {
      method: 'POST',
      headers: { 'content-type': form, 'content-length': '1000000' },
    });
    sending.on('error', () => undefined);
    sending.write(`${part('image')}${'x'.repeat(200_000)}`);
    await expect.poll(async () => (await staged()).length).toBe(1);
    sending.destroy();
    await expect.poll(staged).toEqual([]);
  });
});

test('JSON with an image is accepted as well', async () => {
  const body = JSON.stringify({ model, prompt: '花', size: '1K', image: uri('png', png) });
  expect((await edit(body, { 'content-type': 'application/json' })).status).toBe(200);
});

test('a form is not accepted for generations', async () => {
  const response = await fetchChecked(`${history.url}/v1/images/generations`, { method: 'POST', body: formOf(BASE) });
  expect(response.status).toBe(415);
});

test('a form from another origin is rejected by a keyless service', async () => {
  const before = history.simulator.totals.calls;
  const response = await edit(formOf([...BASE, ['image', png]]), { origin: 'https://other.example' });
  expect([response.status, response.body.error.code]).toEqual([403, 'foreign_page']);
  expect(history.simulator.totals.calls).toBe(before);
});
