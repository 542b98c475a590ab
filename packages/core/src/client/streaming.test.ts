import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from '@wan-image/testing/eventually';
import { failureOf } from '@wan-image/testing/failures';
import { temporaryFolder } from '@wan-image/testing/folders';
import { startTestServer, type Respond } from '@wan-image/testing/http-server';
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

const clientFailure = (work: Promise<unknown>): Promise<WanImageError> => failureOf(work, isWanImageError);

async function readAll(bytes: AsyncIterable<Uint8Array>): Promise<number> {
  let length = 0;
  for await (const chunk of bytes) length += chunk.length;
  return length;
}

describe.each([
  ["Node's own HTTP client", createNodeClient],
  ['fetch', createFetchClient],
])('over %s', (_name, createClient) => {
  const clientOf = (baseUrl: string): Client => createClient({ baseUrl, apiKey: 'sk-test-key-123456' });

  test('each image is yielded while the next is still arriving', async () => {
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

  test('the request is sent when the first image is requested, and to stop iterating ends the call', async () => {
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

  test('a request that was already parsed is streamed like any other, its images to the sink', async () => {
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

  test('a sink can write the bytes to files as they arrive', async () => {
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
    expect(await clientFailure(images[0]?.bytes() ?? Promise.resolve())).toMatchObject({
      param: 'sink',
      outcome: 'billed',
    });
  });

  test('the first bytes of an image reach the sink before its last ones arrive', async () => {
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

  test('a sink that fails loses only the images that it did not read', async () => {
    await using server = await startTestServer(
      (_request, response) =>
        void response.end(`{"data":[${[1, 2, 3].map((fill) => entry(imageBytes(fill))).join(',')}]}`),
    );
    const read: number[] = [];
    const error = await clientFailure(
      clientOf(server.url).generate(request, {
        async sink(image) {
          if (image.index === 1) throw new Error('the disk is full');
          for await (const _ of image.stream());
          read.push(image.index);
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
    expect(error.message).toContain('Complete images received: 2');
    expect(read).toEqual([0, 2]);
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
  ])('a sink that %s is an error, not half an image', async (_how, sink) => {
    await using server = await startTestServer(
      (_request, response) => void response.end(`{"data":[${entry(imageBytes(1, 3_000_000))}]}`),
    );
    const error = await clientFailure(clientOf(server.url).generate(request, { sink }));
    expect(error).toMatchObject({ kind: 'sink_failed', outcome: 'billed', status: 200, images: [] });
    expect(error.message).toMatch(/await what it does|can be read only once|did not read the stream/);
    expect(error.message).not.toContain('not lost');
  });

  test('a sink may stop early, and the rest of the image is discarded', async () => {
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

  test('an image that is cut off fails in its sink, and the error is that of the connection', async () => {
    await using server = await startTestServer((_request, response) => {
      response.write(`{"data":[${entry(imageBytes(1))},{"b64_json":"${'A'.repeat(500_000)}`);
      setTimeout(() => response.destroy(), 50);
    });
    const ends: string[] = [];
    const error = await clientFailure(
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
    expect(error.message).toContain('Complete images received: 1');
  });

  test('a sink that hangs does not block a cancellation', async () => {
    await using server = await startTestServer(
      (_request, response) => void response.end(`{"data":[${entry(imageBytes(1))}]}`),
    );
    const controller = new AbortController();
    const error = await clientFailure(
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

  test('a sink reads twelve images of 8 MB in chunks', async () => {
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
    let largest = 0;
    const sizes: number[] = [];
    await clientOf(server.url).generate(request, {
      async sink(image) {
        let size = 0;
        for await (const bytes of image.stream()) {
          size += bytes.length;
          largest = Math.max(largest, bytes.length);
        }
        sizes.push(size);
      },
    });
    expect(sizes).toEqual(Array(12).fill(7_864_320));
    // The size of a chunk does not depend on the size of the image.
    expect(largest).toBeLessThanOrEqual(256 * 1024);
    await eventually(() => expect(server.requests).toHaveLength(1));
  });
});
