import { openAsBlob } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '@wan-image/testing/folders';
import { sendJson, startTestServer } from '@wan-image/testing/http-server';
import { encodeImage } from '@wan-image/testing/images';
import { describe, expect, test } from 'vitest';
import {
  createClient as createFetchClient,
  systemClock,
  type Clock,
  type GenerateRequest,
  type ImageInput,
} from '../index.ts';
import { createClient as createNodeClient } from '../index.node.ts';

const base = { model: 'wan2.7-image', prompt: '把图1放进图2' } as const;
const uri = (type: string, bytes: Uint8Array): string =>
  `data:image/${type};base64,${Buffer.from(bytes).toString('base64')}`;
const png = await encodeImage({ format: 'png', width: 300, height: 240 });
const jpeg = await encodeImage({ format: 'jpeg', width: 301, height: 240 });
const webp = await encodeImage({ format: 'webp', width: 302, height: 240 });
const bmp = await encodeImage({ format: 'bmp', width: 303, height: 240 });

async function* inChunks(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  for (let from = 0; from < bytes.length; from += 1000) yield bytes.subarray(from, from + 1000);
}

/** A JPEG with so much metadata before its size that the client has to read beyond its first chunk. */
function withLongHeader(photo: Uint8Array): Uint8Array {
  const segment = Buffer.concat([Buffer.from([0xff, 0xef, 0xff, 0xff]), Buffer.alloc(0xfffd)]);
  return Buffer.concat([photo.subarray(0, 2), ...Array<Buffer>(6).fill(segment), photo.subarray(2)]);
}

const emptyText = [0, 0, 0, 0, 0x74, 0x45, 0x58, 0x74, 0, 0, 0, 0];

/** The image, with metadata that fill 20 MB before its pixels. */
function endlessMetadata(image: Buffer, metadata: readonly number[]): Buffer<ArrayBuffer> {
  const head = image === png ? 33 : 2;
  const size = 20 * 1024 * 1024 - image.length;
  return Buffer.concat([image.subarray(0, head), Buffer.alloc(size, Buffer.from(metadata)), image.subarray(head)]);
}

describe.each([
  ["Node's own HTTP client", createNodeClient],
  ['fetch', createFetchClient],
])('over %s', (_name, createClient) => {
  async function sent(input: GenerateRequest): Promise<{ image: unknown; length: string | undefined; bytes: number }> {
    await using server = await startTestServer((_request, response) =>
      sendJson(response, 200, { data: [{ url: 'https://a.example/1.png' }] }),
    );
    await createClient({ baseUrl: server.url, apiKey: 'k' }).generate(input);
    const [received] = server.requests;
    const body = received?.body ?? '';
    return {
      image: (JSON.parse(body) as { image?: unknown }).image,
      length: received?.headers['content-length'],
      bytes: Buffer.byteLength(body),
    };
  }

  test('images in every form are sent in order, as the contract defines them', async () => {
    await using folder = await temporaryFolder();
    await writeFile(join(folder.path, 'a.jpg'), jpeg);
    const image: ImageInput[] = [
      'https://example.com/1.png',
      uri('png', png),
      jpeg,
      new Uint8Array(webp).buffer,
      new Blob([new Uint8Array(bmp)]),
      new File([new Uint8Array(png)], 'a.png'),
      await openAsBlob(join(folder.path, 'a.jpg')),
      inChunks(webp),
      withLongHeader(jpeg),
    ];
    const { image: received, length, bytes } = await sent({ ...base, image });
    expect(received).toEqual([
      'https://example.com/1.png',
      uri('png', png),
      uri('jpeg', jpeg),
      uri('webp', webp),
      uri('bmp', bmp),
      uri('png', png),
      uri('jpeg', jpeg),
      uri('webp', webp),
      uri('jpeg', withLongHeader(jpeg)),
    ]);
    expect(length).toBe(String(bytes));
  });

  test('a single image is sent as a string, also from a list', async () => {
    expect((await sent({ ...base, image: png })).image).toBe(uri('png', png));
    expect((await sent({ ...base, image: [new Blob([new Uint8Array(withLongHeader(jpeg))])] })).image).toBe(
      uri('jpeg', withLongHeader(jpeg)),
    );
  });

  test('three images of 15 MB are sent completely', async () => {
    const large = Buffer.concat([png, Buffer.alloc(15_000_000 - png.length, 1)]);
    const { image, length, bytes } = await sent({ ...base, image: Array<Uint8Array>(3).fill(large) });
    expect(length).toBe(String(bytes));
    for (const one of image as string[]) expect(one.length).toBe(`data:image/png;base64,`.length + 20_000_000);
  }, 60_000);
});

test('a large data URI is checked in steps, between which other work runs', async () => {
  let pauses = 0;
  const sleep: Clock['sleep'] = (ms, signal) => {
    if (ms === 0) pauses++;
    return systemClock.sleep(ms, signal);
  };
  await using server = await startTestServer((_request, response) =>
    sendJson(response, 200, { data: [{ url: 'https://a.example/1.png' }] }),
  );
  const client = createFetchClient({ baseUrl: server.url, apiKey: 'k', clock: { ...systemClock, sleep } });
  const image = uri('jpg', Buffer.concat([jpeg, Buffer.alloc(5 * 1024 * 1024 - jpeg.length)]));
  await client.generate({ ...base, image: [uri('png', png), image] });
  const sent = JSON.parse(server.requests[0]?.body ?? '') as { image: unknown };
  // Not `toEqual`, which would print them.
  expect(JSON.stringify(sent.image) === JSON.stringify([uri('png', png), image])).toBe(true);
  // Seven million characters, 1,048,576 at a time.
  expect(pauses).toBe(6);
  const wrong = client.generate({ ...base, image: `${image.slice(0, -8)}*${image.slice(-7)}` });
  await expect(wrong).rejects.toMatchObject({ param: 'image', attempts: 0 });
});

describe('an invalid input image is refused before anything is sent', () => {
  const client = createFetchClient({ baseUrl: 'http://127.0.0.1:9', apiKey: 'k' });

  test.each<[string, unknown, string, string]>([
    ['bytes that are not an image', new Uint8Array(10), 'image', 'image is not a JPEG, PNG, BMP or WEBP'],
    ['the second of two', [jpeg, new Blob(['hello'])], 'image[1]', 'image[1] is not a JPEG'],
    ['too many bytes', new Uint8Array(20 * 1024 * 1024 + 1), 'image', 'at most 20 MB'],
    ['a file that is too large', new Blob([new Uint8Array(20 * 1024 * 1024 + 1)]), 'image', 'at most 20 MB'],
    ['a stream that is too large', inChunks(new Uint8Array(20 * 1024 * 1024 + 1)), 'image', 'at most 20 MB'],
    [
      'a stream of strings',
      (async function* () {
        yield 'x';
      })(),
      'image',
      'must be an async iterable of Uint8Array',
    ],
    ['a corrupt header', png.subarray(0, 20), 'image', 'is a corrupt image/png'],
    ['text that begins like a BMP', Buffer.from('BMW is a maker of cars'), 'image', 'is not a JPEG, PNG, BMP or WEBP'],
    ['a JPEG without an end of metadata', endlessMetadata(jpeg, [0xff, 0xfe, 0, 2]), 'image', 'Save the image again'],
    ['a file that is so', new Blob([endlessMetadata(jpeg, [0xff, 0xfe, 0, 2])]), 'image', 'Save the image again'],
    ['a PNG that is so', endlessMetadata(png, emptyText), 'image', 'more than 1024 blocks of metadata'],
    [
      'a data URI that is so',
      uri('png', endlessMetadata(png, emptyText)),
      'image',
      'more than 1024 blocks of metadata',
    ],
    ['a number', 7, 'image', 'must be a URL or data URI'],
    ['an empty list', [], 'image', 'a list of 1 to 9'],
    ['ten', Array<Uint8Array>(10).fill(jpeg), 'image', 'a list of 1 to 9'],
  ])('%s', async (_name, image, param, message) => {
    const work = client.generate({ ...base, image } as GenerateRequest);
    await expect(work).rejects.toMatchObject({ kind: 'invalid_request', outcome: 'not_billed', attempts: 0, param });
    await expect(work).rejects.toThrow(message);
  });

  test('transparency', async () => {
    const alpha = await encodeImage({ format: 'png', width: 300, height: 300, alpha: true });
    await expect(client.generate({ ...base, image: alpha })).rejects.toThrow('flatten it onto a background');
  });

  test('a parameter of the contract inside extra', async () => {
    await expect(client.generate({ ...base, extra: { n: 9 } })).rejects.toMatchObject({ param: 'extra.n' });
  });

  test('unknown keys', async () => {
    await expect(client.generate({ ...base, sead: 1 } as GenerateRequest)).rejects.toThrow('Unknown parameter "sead"');
  });

  test('4K with an image as bytes', async () => {
    const work = client.generate({ model: 'wan2.7-image-pro', prompt: '花', size: '4K', image: jpeg });
    await expect(work).rejects.toThrow('only for text-to-image');
  });
});
