import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { request as httpRequest, type ClientRequest as HttpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { acceptRequest, acceptRequestWithImages, InputImage, type AcceptedRequest, type Parsed } from '@wan-image/core';
import { encodeImage } from '@wan-image/testing/images';
import { below, pick, randomChunks, randomOf, type Random } from '@wan-image/testing/random-response';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { IncomingImages } from '../src/gateway/intake/incoming-images.ts';
import { readJsonBody } from '../src/gateway/intake/json-body.ts';
import { ApiError } from '../src/domain/api-error.ts';
import { openFolderStore } from '../src/storage/folder-store.ts';
import { generate } from './support/requests.ts';
import { openHistory, type TestHistory } from './support/test-history.ts';

const model = 'wan2.7-image';
const png = await encodeImage({ format: 'png', width: 320, height: 240 });
const jpeg = await encodeImage({ format: 'jpeg', width: 321, height: 240 });
const IMAGES: readonly [string, ...string[]] = [
  `data:image/png;base64,${png.toString('base64')}`,
  `data:image/jpg;base64,${jpeg.toString('base64')}`,
  `data:image/jpeg;base64,${png.toString('base64')}`,
  `data:image/png;base64,${(await encodeImage({ format: 'png', width: 300, height: 300, alpha: true })).toString('base64')}`,
  `data:image/webp;base64,${(await encodeImage({ format: 'webp', width: 200, height: 300 })).toString('base64')}`,
];
const ODD: readonly [string, ...string[]] = [
  '',
  'data:',
  'data:image/png;base64,',
  'data:image/png;base64,QUJD',
  'data:image/png;charset=x;base64,QUJD',
  'data:image/gif;base64,QUJD',
  'data:im\\age;base64,QUJD',
  'data:bild/花;base64,QUJD',
  `data:${'x'.repeat(100)};base64,QUJD`,
  `data:${'x'.repeat(600)}`,
  'https://example.com/花.png?a=1,2',
  'http://[',
  'DATA:,x',
  'dat',
];

function imageText(random: Random): string {
  if (random() < 0.4) return pick(random, ODD);
  const image = pick(random, IMAGES);
  if (random() < 0.7) return image;
  const at = below(random, image.length);
  return (
    image.slice(0, at) + pick(random, ['', '=', '-', ' ', '\n', '"', '\\', '花', '\u0000', 'AAAA']) + image.slice(at)
  );
}

/** JSON text with some characters escaped unnecessarily. */
function written(random: Random, text: string): string {
  const json = JSON.stringify(text);
  const kind = random();
  if (kind < 0.5) return json;
  if (kind < 0.7) return json.replaceAll('/', '\\/');
  return json.replace(/[a-m/;]/g, (found) =>
    random() < 0.1 ? `\\u00${found.charCodeAt(0).toString(16).padStart(2, '0')}` : found,
  );
}

function imageValue(random: Random): string {
  const kind = random();
  if (kind < 0.4) return written(random, imageText(random));
  if (kind < 0.5)
    return pick(random, ['null', '7', '{"image":"data:image/png;base64,QUJD"}', '[["data:,"]]', '[]', '[null]']);
  return `[${Array.from({ length: below(random, 11) + 1 }, () => written(random, imageText(random))).join(' , ')}]`;
}

function bodyText(random: Random): string {
  const members = [`"model":"${pick(random, [model, 'dall-e-3'])}"`, `"prompt": "花\\"image\\":"`];
  for (let times = below(random, 3); times >= 0; times--) {
    members.splice(
      below(random, members.length + 1),
      0,
      `"${pick(random, ['image', 'im\\u0061ge'])}" :${imageValue(random)}`,
    );
  }
  if (random() < 0.3) members.push(`"extra":{"image":"data:image/png;base64,QUJD","list":["\\\\"]}`);
  if (random() < 0.1) members.push('"size":"4K"', '"n":9');
  const text = `{${members.join(',')}}`;
  if (random() < 0.85) return text;
  const at = below(random, text.length);
  return text.slice(0, at) + pick(random, ['', '"', '\\', ',', '\u0001']) + text.slice(at + below(random, 2));
}

async function* inChunks(chunks: readonly Uint8Array[]): AsyncIterable<Uint8Array> {
  yield* chunks;
}

async function asText(image: string | InputImage): Promise<string> {
  if (typeof image === 'string') return image.replace(/^data:[^,]*/i, (header) => header.toLowerCase());
  const parts: Uint8Array[] = [];
  for await (const part of image.chunks()) parts.push(part);
  return `data:${image.mimeType};base64,${Buffer.concat(parts).toString('base64')}`;
}

/** The result of a request, with its images as text. */
async function resultOf(result: Parsed<AcceptedRequest>): Promise<unknown> {
  if (!result.ok) return result.problems;
  const { request, ...rest } = result.value;
  const { image, ...others } = request;
  if (image === undefined) return { ...rest, request };
  const texts = await Promise.all([image].flat().map(asText));
  return { ...rest, request: { ...others, image: Array.isArray(image) ? texts : texts[0] } };
}

describe('a streamed body', () => {
  test('matches the contract for the whole body, whatever it contains and wherever it is split', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'wan-image-intake-'));
    const store = await openFolderStore(folder);
    const kinds = { accepted: 0, refused: 0, broken: 0 };
    for (let seed = 1; seed <= 1000; seed++) {
      const random = randomOf(seed);
      const text = bodyText(random);
      const bytes = new TextEncoder().encode(text);
      let expected: unknown;
      try {
        const result = acceptRequest(JSON.parse(text));
        kinds[result.ok ? 'accepted' : 'refused']++;
        expected = await resultOf(result);
      } catch {
        kinds.broken++;
        expected = 'broken';
      }
      const images = new IncomingImages(store);
      let found: unknown;
      try {
        const body = await readJsonBody(inChunks(randomChunks(random, bytes)), images);
        const result = acceptRequestWithImages(body);
        if (result.ok) await images.commit([result.value.request.image ?? []].flat());
        found = await resultOf(result);
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        found = 'broken';
      }
      await images.discard();
      expect(found, `seed ${seed}`).toEqual(expected);
    }
    expect(Math.min(...Object.values(kinds))).toBeGreaterThan(20);
    expect(await readdir(join(folder, 'tmp'))).toEqual([]);
    await rm(folder, { recursive: true });
  }, 120_000);
});

let history: TestHistory & AsyncDisposable;
beforeAll(async () => {
  history = await openHistory({ MAX_UPLOADS_MB: '260' });
});
afterAll(() => history[Symbol.asyncDispose]());

const staged = (): Promise<string[]> => readdir(join(history.testData.dataDir, 'images', 'tmp'));

function begin(headers: Record<string, string | number>): {
  sending: HttpRequest;
  response: Promise<{ status: number; retryAfter: string | undefined; text: string }>;
} {
  const sending = httpRequest(`${history.url}/v1/images/generations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
  });
  const response = new Promise<{ status: number; retryAfter: string | undefined; text: string }>((resolve, reject) => {
    sending.on('error', reject);
    sending.on('response', (incoming) => {
      buffer(incoming).then(
        (bytes) =>
          resolve({
            status: incoming.statusCode ?? 0,
            retryAfter: incoming.headers['retry-after'],
            text: bytes.toString(),
          }),
        reject,
      );
    });
  });
  response.catch(() => undefined);
  return { sending, response };
}

const MOST = 260 * 1024 * 1024;

/** Sends the beginning of a body with an image, of so many MiB, as fast as the service reads it. */
async function sendImage(sending: HttpRequest, mebibytes: number): Promise<void> {
  sending.on('error', () => undefined);
  sending.write(`{"model":"${model}","prompt":"x","image":"data:image/png;base64,`);
  const chunk = Buffer.alloc(1024 * 1024, 0x41);
  for (let sent = 0; sent < mebibytes && !sending.destroyed; sent++)
    await new Promise((resolve) => void sending.write(chunk, resolve));
}

describe('a body that is too large', () => {
  test('is rejected by its content length before anything is read', async () => {
    const { sending, response } = begin({ 'content-length': MOST + 1 });
    sending.flushHeaders();
    expect(await response).toMatchObject({ status: 413, text: expect.stringContaining('nine input images of 20 MB') });
    sending.destroy();
  });

  test('is rejected where it exceeds the limit without a content length', async () => {
    const { sending, response } = begin({});
    const piece = Buffer.alloc(1024 * 1024, 0x41);
    sending.write(`{"model":"${model}","prompt":"x","image":"data:image/png;base64,`);
    for (let sent = 0; sent < 260; sent++) {
      if (!sending.write(piece)) await new Promise((resolve) => void sending.once('drain', resolve));
    }
    expect((await response).status).toBe(413);
    sending.destroy();
    await expect.poll(staged).toEqual([]);
  }, 60_000);

  test('is rejected if it exceeds 1 MiB without its images', async () => {
    const { status, body } = await generate(history.url, { model, prompt: 'x'.repeat(1024 * 1024) });
    expect([status, body.error.message]).toEqual([413, expect.stringContaining('1 MiB')]);
  });

  test('is rejected where it exceeds what other bodies in flight have left; what is small is not', async () => {
    const first = begin({ 'content-length': MOST - 1000 });
    await sendImage(first.sending, 200);
    const second = begin({ 'content-length': MOST - 1000 });
    const sending = sendImage(second.sending, 100);
    expect(await second.response).toMatchObject({
      status: 503,
      retryAfter: '5',
      text: expect.stringContaining('too_many_uploads'),
    });
    second.sending.destroy();
    await sending;
    expect((await generate(history.url, { model, prompt: 'x', size: '1K' })).status).toBe(200);
    first.sending.destroy();
    await expect.poll(staged).toEqual([]);
  });

  test('an image of more than 20 MB is rejected with its size, and is not stored', async () => {
    const large = Buffer.alloc(20 * 1024 * 1024 + 1);
    jpeg.copy(large);
    const image = ['https://example.com/1.png', `data:image/jpeg;base64,${large.toString('base64')}`];
    const { status, body } = await generate(history.url, { model, prompt: 'x', image });
    expect([status, body.error.param]).toEqual([400, 'image[1]']);
    expect(body.error.message).toContain('has 20971521 bytes');
    await expect.poll(staged).toEqual([]);
  });
});
