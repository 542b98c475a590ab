import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@wan-image/testing/eventually';
import { startTestServer, type Respond } from '@wan-image/testing/http-server';
import { disposable } from '@wan-image/testing/resource';
import { describe, expect, test } from 'vitest';
import {
  createClient as createFetchClient,
  isWanImageError,
  type Client,
  type Sink,
  type WanImageError,
} from '../index.ts';
import { createClient as createNodeClient } from '../index.node.ts';

const request = { model: 'wan2.7-image', prompt: '一间花店', n: 3, response_format: 'b64_json' } as const;
const imageBytes = (fill: number, length = 100_000): Buffer => Buffer.alloc(length, fill);
const entry = (bytes: Buffer): string => `{"url":"","b64_json":"${bytes.toString('base64')}","revised_prompt":"图"}`;

function failureOf(work: Promise<unknown>): Promise<WanImageError> {
  return work.then(
    () => {
      throw new Error('it succeeded');
    },
    (error: unknown) => {
      if (isWanImageError(error)) return error;
      throw error;
    },
  );
}

async function readAll(bytes: AsyncIterable<Uint8Array>): Promise<number> {
  let length = 0;
  for await (const piece of bytes) length += piece.length;
  return length;
}

async function temporaryFolder(): Promise<{ path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'wan-image-core-'));
  return disposable({ path }, () => rm(path, { recursive: true }));
}

describe.each([
  ["Node's own HTTP client", createNodeClient],
  ['fetch', createFetchClient],
])('over %s', (_name, createClient) => {
  const clientOf = (baseUrl: string): Client => createClient({ baseUrl, apiKey: 'sk-test-key-123456' });

  test('each image is had while the next is still arriving', async () => {
    let goOn = (): void => undefined;
    const respond: Respond = async (_request, response) => {
      response.write(`{"created":7,"data":[${entry(imageBytes(1))},`);
      await new Promise<void>((resolve) => (goOn = resolve));
      response.end(`${entry(imageBytes(2))}]}`);
    };
    await using server = await startTestServer(respond);
    const images = clientOf(server.url).stream(request);
    const first = await images.next();
    expect(first.value).toMatchObject({ index: 0, url: null, inline: true, revisedPrompt: '图' });
    goOn();
    const second = await images.next();
    if (second.done || first.done) throw new Error('images are missing');
    expect(imageBytes(1).equals(await first.value.bytes())).toBe(true);
    expect(imageBytes(2).equals(await second.value.bytes())).toBe(true);
    expect(await images.next()).toMatchObject({ done: true, value: { created: 7, status: 200, attempts: 1 } });
  });

  test('nothing is sent before the first image is asked for, and whoever stops asking ends the call', async () => {
    let closed: Promise<unknown> | null = null;
    await using server = await startTestServer((_request, response) => {
      closed = once(response, 'close');
      response.write(`{"data":[${entry(imageBytes(1))},`);
    });
    const images = clientOf(server.url).stream(request);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(server.requests).toHaveLength(0);
    for await (const { index } of images) {
      expect(index).toBe(0);
      break;
    }
    await (closed ?? Promise.reject(new Error('nothing was sent')));
    expect(server.requests).toHaveLength(1);
  });

  test('a request that was accepted before is streamed like any other, its images into the sink', async () => {
    await using server = await startTestServer(
      (_request, response) =>
        void response.end(`{"created":7,"data":[${entry(imageBytes(1))},${entry(imageBytes(2))}]}`),
    );
    const accepted = { ...request, n: 2, size: '1K' } as const;
    const sizes: number[] = [];
    const images = clientOf(server.url).sendStream(
      accepted,
      {},
      {
        sink: async (image) => void sizes.push(await readAll(image.stream())),
      },
    );
    expect(await images.next()).toMatchObject({ value: { index: 0, inline: true, revisedPrompt: '图' } });
    expect(await images.next()).toMatchObject({ value: { index: 1 } });
    expect(await images.next()).toMatchObject({ done: true, value: { created: 7 } });
    expect(sizes).toEqual([imageBytes(1).length, imageBytes(2).length]);
  });

  test('a sink gets the bytes as they arrive, and can write them to files', async () => {
    const sources = [imageBytes(1, 3_000_000), imageBytes(2, 10), imageBytes(3, 700_001)];
    await using server = await startTestServer(
      (_request, response) => void response.end(`{"data":[${sources.map(entry).join(',')}]}`),
    );
    await using folder = await temporaryFolder();
    const pathOf = (index: number): string => join(folder.path, `${index}.png`);
    const { images } = await clientOf(server.url).generate(request, {
      sink: (image) => writeFile(pathOf(image.index), image.stream()),
    });
    expect(images.map(({ index, revisedPrompt }) => [index, revisedPrompt])).toEqual([0, 1, 2].map((i) => [i, '图']));
    for (const [index, bytes] of sources.entries()) expect((await readFile(pathOf(index))).equals(bytes)).toBe(true);
    expect(await failureOf(images[0]?.bytes() ?? Promise.resolve())).toMatchObject({
      param: 'sink',
      outcome: 'billed',
    });
  });

  test('the bytes of one image are there before it is whole', async () => {
    let goOn = (): void => undefined;
    const whole = imageBytes(5, 3_000_000).toString('base64');
    await using server = await startTestServer(async (_request, response) => {
      response.write(`{"data":[{"b64_json":"${whole.slice(0, 2_000_001)}`);
      await new Promise<void>((resolve) => (goOn = resolve));
      response.end(`${whole.slice(2_000_001)}"}]}`);
    });
    let received = 0;
    await clientOf(server.url).generate(request, {
      async sink(image) {
        for await (const bytes of image.stream()) {
          received += bytes.length;
          if (received > 1_000_000) goOn();
        }
      },
    });
    expect(received).toBe(3_000_000);
  });

  test('a slow sink slows down the server', async () => {
    let written = 0;
    const text = imageBytes(1, 786_432).toString('base64');
    await using server = await startTestServer(async (_request, response) => {
      response.write('{"data":[{"b64_json":"');
      for (; written < 200 && !response.destroyed; written++) {
        if (!response.write(text)) await new Promise((resolve) => response.once('drain', resolve));
      }
      response.end('"}]}');
    });
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const work = clientOf(server.url).generate(request, {
      async sink(image) {
        for await (const _ of image.stream()) await held;
      },
    });
    for (let before = -1; before !== written; await new Promise((resolve) => setTimeout(resolve, 200)))
      before = written;
    expect(written).toBeLessThan(40);
    release();
    await expect(work).rejects.toMatchObject({ remedy: 'raise_max_image_bytes' });
  });

  test('a sink that fails loses only what it did not take', async () => {
    await using server = await startTestServer(
      (_request, response) =>
        void response.end(`{"data":[${[1, 2, 3].map((fill) => entry(imageBytes(fill))).join(',')}]}`),
    );
    const taken: number[] = [];
    const error = await failureOf(
      clientOf(server.url).generate(request, {
        async sink(image) {
          if (image.index === 1) throw new Error('the disk is full');
          for await (const _ of image.stream());
          taken.push(image.index);
        },
      }),
    );
    expect(error).toMatchObject({
      kind: 'sink_failed',
      fault: 'caller',
      outcome: 'billed',
      retryable: false,
      attempts: 1,
    });
    expect(error.message).toContain('the disk is full');
    expect(error.message).toContain('2 whole images');
    expect(taken).toEqual([0, 2]);
    expect(error.images.map(({ index }) => index)).toEqual([0, 2]);
    expect(server.requests).toHaveLength(1);
  });

  test.each<[string, Sink]>([
    [
      'does not await what reads it',
      async (image) => {
        void readAll(image.stream()).catch(() => undefined);
      },
    ],
    ['does not read it at all', async () => undefined],
    ['reads it twice', async (image) => void (await Promise.all([readAll(image.stream()), readAll(image.stream())]))],
  ])('a sink that %s is told, instead of having half an image', async (_how, sink) => {
    await using server = await startTestServer(
      (_request, response) => void response.end(`{"data":[${entry(imageBytes(1, 3_000_000))}]}`),
    );
    const error = await failureOf(clientOf(server.url).generate(request, { sink }));
    expect(error).toMatchObject({ kind: 'sink_failed', outcome: 'billed', status: 200, images: [] });
    expect(error.message).toMatch(/await what it does|can be read once|did not read the stream/);
    expect(error.message).not.toContain('not lost');
  });

  test('a sink may stop early: then the rest of that image is its own affair', async () => {
    await using server = await startTestServer(
      (_request, response) =>
        void response.end(`{"data":[${entry(imageBytes(1, 3_000_000))},${entry(imageBytes(2))}]}`),
    );
    const { images } = await clientOf(server.url).generate(request, {
      async sink(image) {
        for await (const _ of image.stream()) break;
      },
    });
    expect(images).toHaveLength(2);
  });

  test('an image that is cut breaks its sink, and the error is that of the connection', async () => {
    await using server = await startTestServer((_request, response) => {
      response.write(`{"data":[${entry(imageBytes(1))},{"b64_json":"${'A'.repeat(500_000)}`);
      setTimeout(() => response.destroy(), 50);
    });
    const ends: string[] = [];
    const error = await failureOf(
      clientOf(server.url).generate(request, {
        async sink(image) {
          try {
            for await (const _ of image.stream());
            ends.push('whole');
          } catch {
            ends.push('cut');
          }
        },
      }),
    );
    expect(ends).toEqual(['whole', 'cut']);
    expect(error).toMatchObject({ kind: 'connection_lost', outcome: 'billed' });
    expect(error.message).toContain('One whole image');
  });

  test('a sink that hangs does not hold up a cancellation', async () => {
    await using server = await startTestServer(
      (_request, response) => void response.end(`{"data":[${entry(imageBytes(1))}]}`),
    );
    const controller = new AbortController();
    const error = await failureOf(
      clientOf(server.url).generate(request, {
        signal: controller.signal,
        sink: () => {
          controller.abort(new Error('enough'));
          return new Promise(() => undefined);
        },
      }),
    );
    expect(error).toMatchObject({
      kind: 'canceled',
      fault: 'caller',
      outcome: 'unknown',
      cause: { message: 'enough' },
    });
  });

  test('twelve images of 8 MB are not held where a sink takes them', async () => {
    const text = imageBytes(7, 1_572_864).toString('base64');
    await using server = await startTestServer(async (_request, response) => {
      response.write('{"data":[');
      for (let i = 0; i < 12; i++) {
        response.write(`${i === 0 ? '' : ','}{"b64_json":"`);
        for (let part = 0; part < 5; part++) if (!response.write(text)) await once(response, 'drain');
        response.write('"}');
      }
      response.end(']}');
    });
    let most = 0;
    const sizes: number[] = [];
    await clientOf(server.url).generate(request, {
      async sink(image) {
        let size = 0;
        for await (const bytes of image.stream()) {
          size += bytes.length;
          most = Math.max(most, bytes.length);
        }
        sizes.push(size);
      },
    });
    expect(sizes).toEqual(Array(12).fill(7_864_320));
    // What is handed on at a time is a block, however large the image.
    expect(most).toBeLessThanOrEqual(256 * 1024);
    await eventually(() => expect(server.requests).toHaveLength(1));
  });
});
