import type { GenerationRecord } from '@wan-image/core';
import { sendJson, startTestServer } from '@wan-image/testing/http-server';
import { encodeImage } from '@wan-image/testing/images';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fetchChecked, generate, recordOf } from './support/requests.ts';
import { openTestData, runHistory, upstreamAt, type RunningHistory } from './support/test-history.ts';

const MB = 1024 * 1024;
const model = 'wan2.7-image';
const jpeg = await encodeImage({ format: 'jpeg', width: 321, height: 243 });
const png = await encodeImage({ format: 'png', width: 321, height: 243 });

/** Between APP0 and the next segment of a JPEG. */
function withStrayByte(file: Buffer): Buffer {
  const at = 4 + file.readUInt16BE(4);
  return Buffer.concat([file.subarray(0, at), Buffer.from([0x41]), file.subarray(at)]);
}

function withEndlessMetadata(file: Buffer, headBytes: number, metadata: readonly number[]): Buffer {
  const size = 20 * MB - file.length;
  return Buffer.concat([
    file.subarray(0, headBytes),
    Buffer.alloc(size, Buffer.from(metadata)),
    file.subarray(headBytes),
  ]);
}

function chunk(type: string, data: Uint8Array): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(data.length);
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, data, Buffer.alloc(4)]);
}

const endlessJpeg = withEndlessMetadata(jpeg, 2, [0xff, 0xfe, 0x00, 0x02]);
const endlessPng = withEndlessMetadata(png, 33, [0, 0, 0, 0, 0x74, 0x45, 0x58, 0x74, 0, 0, 0, 0]);
/** Transparent by a chunk that stands behind 300 KB of metadata. */
const lateAlpha = Buffer.concat([
  png.subarray(0, 33),
  chunk('iTXt', new Uint8Array(300 * 1024)),
  chunk('tRNS', new Uint8Array(6)),
  png.subarray(33),
]);

/** What the upstream returns next, as base64. */
let next: Buffer = jpeg;
const stack = new AsyncDisposableStack();
let history: RunningHistory;
beforeAll(async () => {
  const upstream = stack.use(
    await startTestServer((_received, response) =>
      sendJson(response, 200, { created: 1, data: [{ b64_json: next.toString('base64') }] }),
    ),
  );
  history = stack.use(await runHistory(stack.use(await openTestData()), upstreamAt(upstream.url)));
});
afterAll(() => stack.disposeAsync());

/** Has the upstream return the image; the record, and the URL of the image. */
async function received(image: Buffer): Promise<{ readonly record: GenerationRecord; readonly url: string }> {
  next = image;
  const response = await generate(history.url, { model, prompt: '花', size: '1K' });
  return { record: await recordOf(history.url, response), url: response.body.data[0]?.url ?? '' };
}

function edit(image: string): ReturnType<typeof generate> {
  next = jpeg;
  return generate(history.url, { model, prompt: '花', size: '1K', image });
}

function uri(type: string, bytes: Buffer): string {
  return `data:image/${type};base64,${bytes.toString('base64')}`;
}

describe('a JPEG with a stray byte between two segments', () => {
  test('is accepted as input, and stored as result', async () => {
    const file = withStrayByte(jpeg);
    expect((await edit(uri('jpeg', file))).status).toBe(200);
    const { record, url } = await received(file);
    expect(record.images).toMatchObject([{ state: 'stored', width: 321, height: 243, mime_type: 'image/jpeg' }]);
    expect(Buffer.from(await (await fetchChecked(url)).arrayBuffer()).equals(file)).toBe(true);
  });
});

describe('an input of 20 MB whose metadata have no end is refused', () => {
  test.each([
    ['a JPEG', 'jpeg', endlessJpeg],
    ['a PNG', 'png', endlessPng],
  ])('%s, as a data URI and in a form', async (_name, type, file) => {
    const { status, body } = await edit(uri(type, file));
    expect([status, body.error.param]).toEqual([400, 'image']);
    expect(body.error.message).toMatch(/more than 1024 blocks of metadata.* without metadata/);
    const form = new FormData();
    form.set('model', model);
    form.set('prompt', '花');
    form.set('image', new Blob([new Uint8Array(file)]), 'a');
    const response = await fetchChecked(`${history.url}/v1/images/edits`, { method: 'POST', body: form });
    expect([response.status, await response.text()]).toEqual([400, expect.stringContaining('1024 blocks of metadata')]);
  });
});

test('an image of this service is checked for alpha like an upload, however late it is found', async () => {
  const upload = await edit(uri('png', lateAlpha));
  const { url } = await received(lateAlpha);
  const own = await edit(url);
  expect([upload.status, own.status, own.body.error.message]).toEqual([400, 400, upload.body.error.message]);
  expect(own.body.error.message).toContain('alpha channel');
});

describe('an image that EXIF turns', () => {
  test.each(['jpeg', 'png', 'webp'] as const)('as %s is recorded and scaled as it is shown', async (format) => {
    const file = await sharp({ create: { width: 900, height: 1800, channels: 3, background: '#c05a28' } })
      .withMetadata({ orientation: 6 })
      .toFormat(format)
      .toBuffer();
    const { record, url } = await received(file);
    expect(record.images).toMatchObject([{ width: 1800, height: 900, orientation: 6 }]);
    const thumbnail = await sharp(await (await fetchChecked(`${url}&width=1280`)).arrayBuffer()).metadata();
    expect([thumbnail.width, thumbnail.height]).toEqual([1280, 640]);
    const edited = await edit(uri(format, file));
    const { input_images: inputs } = await recordOf(history.url, edited);
    expect(inputs).toMatchObject([{ width: 1800, height: 900 }]);
  });

  test('is judged by the same rules on either side', async () => {
    const narrow = await sharp({ create: { width: 250, height: 2100, channels: 3, background: '#c05a28' } })
      .withMetadata({ orientation: 8 })
      .jpeg()
      .toBuffer();
    const { status, body } = await edit(uri('jpeg', narrow));
    expect([status, body.error.message]).toEqual([400, expect.stringContaining('2100x250 px')]);
  });
});

test('text that begins like a BMP is not an image', async () => {
  const { status, body } = await edit(uri('bmp', Buffer.from('BMW is a maker of cars')));
  expect([status, body.error.message]).toEqual([400, expect.stringContaining('not a JPEG, PNG, BMP or WEBP')]);
});
