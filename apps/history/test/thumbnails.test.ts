import { execFileSync } from 'node:child_process';
import { open as openFile, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { sendJson, startTestServer } from '@wan-image/testing/http-server';
import { encodeImage } from '@wan-image/testing/images';
import { disposable } from '@wan-image/testing/resource';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fetchChecked, generate } from './support/requests.ts';
import { openTestData, runHistory, upstreamAt, type TestData, type RunningHistory } from './support/test-history.ts';

const WEBP = { accept: 'image/avif,image/webp,image/*,*/*;q=0.8' };

interface Studio extends RunningHistory {
  readonly testData: TestData;
  /** Has the service store these bytes as a generated image; returns its URL. */
  store(image: Buffer): Promise<string>;
}

/** A service whose upstream returns the images that the test sets. */
async function openStudio(): Promise<Studio & AsyncDisposable> {
  const stack = new AsyncDisposableStack();
  let next: Buffer = Buffer.alloc(0);
  const upstream = stack.use(
    await startTestServer((_received, response) =>
      sendJson(response, 200, { created: 1, data: [{ b64_json: next.toString('base64') }] }),
    ),
  );
  const testData = stack.use(await openTestData());
  const history = stack.use(await runHistory(testData, upstreamAt(upstream.url)));
  const store = async (image: Buffer): Promise<string> => {
    next = image;
    const response = await generate(history.url, { model: 'wan2.7-image', prompt: '花', size: '1K' });
    return response.body.data[0]?.url ?? '';
  };
  return disposable({ ...history, testData, store }, () => stack.disposeAsync());
}

/** A detailed image: its file is large, and its thumbnails are small. */
async function photo(width: number, height: number, format: 'png' | 'jpeg' | 'webp' = 'png'): Promise<Buffer> {
  const noise = { type: 'gaussian', mean: 128, sigma: 40 } as const;
  return sharp({ create: { width, height, channels: 3, background: '#808080', noise } })
    .toFormat(format)
    .toBuffer();
}

interface Image {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Buffer;
}

async function open(url: string, headers: Record<string, string> = {}): Promise<Image> {
  const response = await fetchChecked(url, { headers });
  return { status: response.status, headers: response.headers, bytes: Buffer.from(await response.arrayBuffer()) };
}

/** The format and size that sharp reads from the bytes, such as `webp 320x240`. */
async function describeBytes(bytes: Buffer): Promise<string> {
  const { format, width, height } = await sharp(bytes).metadata();
  return `${format} ${width}x${height}`;
}

/** The red, green, blue and, if present, alpha values of the top left pixel. */
async function cornerOf(bytes: Buffer): Promise<number[]> {
  return [
    ...(await sharp(bytes).raw().toBuffer({ resolveWithObject: true })).data.subarray(
      0,
      (await sharp(bytes).metadata()).channels,
    ),
  ];
}

/** The image files in the store, without the files that garbage collection keeps for itself. */
async function filesOf({ dataDir }: TestData): Promise<string[]> {
  const entries = await readdir(join(dataDir, 'images'), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && /^[0-9a-f]{64}$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
}

let studio: Studio & AsyncDisposable;
let url: string;
let original: Buffer;
beforeAll(async () => {
  studio = await openStudio();
  original = await photo(1000, 750);
  url = await studio.store(original);
});
afterAll(() => studio[Symbol.asyncDispose]());

describe('the requested width', () => {
  test.each([
    [1, '160x120'],
    [160, '160x120'],
    [161, '320x240'],
    [320, '320x240'],
    [500, '640x480'],
  ])('%i returns the size %s', async (width, size) => {
    expect(await describeBytes((await open(`${url}&width=${width}`)).bytes)).toBe(`jpeg ${size}`);
  });

  test.each([641, 1280, 5000, 99_999])('%i returns the original, which is not wider', async (width) => {
    const { bytes, headers } = await open(`${url}&width=${width}`, WEBP);
    expect(bytes.equals(original)).toBe(true);
    expect(headers.get('content-type')).toBe('image/png');
  });

  test('above the largest step returns the largest step', async () => {
    const wide = await studio.store(await photo(2000, 250));
    expect(await describeBytes((await open(`${wide}&width=1900`)).bytes)).toBe('jpeg 1280x160');
  });

  test.each(['0', '-1', 'abc', '1e9', '1000000000', '', '1.5', ' 160', '0x10', '160&width=320', '160,320', '一'])(
    '%j is rejected with the field name and the allowed widths',
    async (width) => {
      const response = await fetchChecked(`${url}&width=${encodeURI(width)}`);
      const { error } = (await response.json()) as { error: { message: string; param: string } };
      expect([response.status, error.param]).toEqual([400, 'width']);
      expect(error.message).toContain('160, 320, 640, 1280');
    },
  );

  test('is validated only after access to the image is granted', async () => {
    expect((await open(`${url}x&width=0`)).status).toBe(404);
  });
});

describe('the format', () => {
  test.each([
    ['image/webp', 'webp'],
    ['image/avif,image/webp,image/*,*/*;q=0.8', 'webp'],
    ['text/html, IMAGE/WEBP ; q=0.3', 'webp'],
    ['image/webp;q=0.001', 'webp'],
    ['image/webp;q=0', 'jpeg'],
    ['image/webp;q=0.000, */*', 'jpeg'],
    ['*/*', 'jpeg'],
    ['image/*', 'jpeg'],
    ['image/webpx', 'jpeg'],
    ['', 'jpeg'],
  ])('for accept %j is %s', async (accept, format) => {
    const { headers, bytes } = await open(`${url}&width=160`, { accept });
    expect(await describeBytes(bytes)).toBe(`${format} 160x120`);
    expect(headers.get('content-type')).toBe(`image/${format}`);
    expect(headers.get('vary')).toBe('accept');
    expect(headers.get('content-disposition')).toContain(`.${format === 'jpeg' ? 'jpg' : 'webp'}"`);
  });

  test.each(['png', 'jpeg', 'webp'] as const)('a thumbnail can be generated from a %s', async (format) => {
    const stored = await studio.store(await photo(700, 350, format));
    expect(await describeBytes((await open(`${stored}&width=320`, WEBP)).bytes)).toBe('webp 320x160');
    expect(await describeBytes((await open(`${stored}&width=320`)).bytes)).toBe('jpeg 320x160');
  });

  test('keeps transparency in WebP, and flattens it onto white in JPEG', async () => {
    const clear = {
      create: { width: 400, height: 400, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } },
    } as const;
    const stored = await studio.store(await sharp(clear).png().toBuffer());
    expect((await cornerOf((await open(`${stored}&width=160`, WEBP)).bytes)).at(3)).toBe(0);
    expect(await cornerOf((await open(`${stored}&width=160`)).bytes)).toEqual([255, 255, 255]);
  });

  test('applies the EXIF orientation', async () => {
    const stored = await studio.store(
      await sharp(await photo(800, 400))
        .jpeg()
        .withMetadata({ orientation: 6 })
        .toBuffer(),
    );
    expect(await describeBytes((await open(`${stored}&width=320`)).bytes)).toBe('jpeg 320x640');
  });

  test('of a BMP is the BMP itself, which cannot be decoded', async () => {
    const bmp = await encodeImage({ format: 'bmp', width: 500, height: 300 });
    const response = await open(`${await studio.store(bmp)}&width=160`);
    expect(response.bytes.equals(bmp)).toBe(true);
    expect(response.headers.get('content-type')).toBe('image/bmp');
  });
});

describe('a thumbnail over HTTP', () => {
  test('has its own etag, and revalidates with it', async () => {
    const whole = await open(url);
    const small = await open(`${url}&width=320`);
    const webp = await open(`${url}&width=320`, WEBP);
    const etags = [whole, small, webp].map(({ headers }) => headers.get('etag') ?? '');
    expect(new Set(etags).size).toBe(3);
    expect(small.headers.get('cache-control')).toBe(whole.headers.get('cache-control'));
    const again = await open(`${url}&width=320`, { 'if-none-match': `"x", W/${etags[1]}` });
    expect([again.status, again.bytes.length, again.headers.get('etag')]).toEqual([304, 0, etags[1]]);
    expect((await open(`${url}&width=320`, { 'if-none-match': etags[0] ?? '' })).status).toBe(200);
  });

  test('a HEAD response matches GET, without a body', async () => {
    const { headers, bytes } = await open(`${url}&width=160`);
    const head = await fetchChecked(`${url}&width=160`, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length')]).toEqual([200, String(bytes.length)]);
    expect(head.headers.get('etag')).toBe(headers.get('etag'));
  });

  test('supports range requests', async () => {
    const { bytes, headers } = await open(`${url}&width=320`);
    const part = await open(`${url}&width=320`, { range: 'bytes=10-19', 'if-range': headers.get('etag') ?? '' });
    expect([part.status, part.headers.get('content-range')]).toEqual([206, `bytes 10-19/${bytes.length}`]);
    expect(part.bytes.equals(bytes.subarray(10, 20))).toBe(true);
    expect((await open(`${url}&width=320`, { range: `bytes=${bytes.length}-` })).status).toBe(416);
    expect((await open(`${url}&width=320`, { range: 'bytes=0-1', 'if-range': '"other"' })).status).toBe(200);
  });
});

describe('is generated once', () => {
  test('for concurrent requests', async () => {
    const stored = await studio.store(await photo(900, 900));
    const before = await filesOf(studio.testData);
    const responses = await Promise.all(Array.from({ length: 20 }, () => open(`${stored}&width=640`, WEBP)));
    expect(new Set(responses.map(({ status, headers }) => `${status} ${headers.get('etag')}`)).size).toBe(1);
    expect(await filesOf(studio.testData)).toHaveLength(before.length + 1);
  });

  test('for the same image in two generations', async () => {
    const image = await photo(900, 901);
    const first = await open(`${await studio.store(image)}&width=640`);
    const before = await filesOf(studio.testData);
    const second = await open(`${await studio.store(image)}&width=640`);
    expect(second.headers.get('etag')).toBe(first.headers.get('etag'));
    expect(await filesOf(studio.testData)).toEqual(before);
  });

  test('and again if its file is missing', async () => {
    const stored = await studio.store(await photo(900, 902));
    const before = await filesOf(studio.testData);
    const first = await open(`${stored}&width=640`);
    for (const file of await filesOf(studio.testData)) if (!before.includes(file)) await rm(file);
    expect(await filesOf(studio.testData)).toEqual(before);
    const second = await open(`${stored}&width=640`);
    expect([second.status, second.bytes.equals(first.bytes)]).toEqual([200, true]);
    expect(await filesOf(studio.testData)).toHaveLength(before.length + 1);
  });

  test('also when more are requested than are generated concurrently', async () => {
    const photos = await Promise.all(Array.from({ length: 6 }, (_, index) => photo(1300, 900 + index)));
    const urls: string[] = [];
    for (const image of photos) urls.push(await studio.store(image));
    const responses = await Promise.all(
      urls.flatMap((each) => [160, 320, 640, 1280].map((width) => open(`${each}&width=${width}`))),
    );
    expect(responses.map(({ status }) => status)).toEqual(Array.from({ length: 24 }, () => 200));
  });
});

test('a thumbnail survives a restart', async () => {
  await using testData = await openTestData();
  const image = await photo(500, 400);
  await using upstream = await startTestServer((_received, response) =>
    sendJson(response, 200, { created: 1, data: [{ b64_json: image.toString('base64') }] }),
  );
  let path = '';
  let files: string[];
  {
    await using history = await runHistory(testData, upstreamAt(upstream.url));
    const response = await generate(history.url, { model: 'wan2.7-image', prompt: '花', size: '1K' });
    path = `${(response.body.data[0]?.url ?? '').slice(history.url.length)}&width=320`;
    await open(history.url + path);
    files = await filesOf(testData);
  }
  await using history = await runHistory(testData, upstreamAt(upstream.url));
  expect(await describeBytes((await open(history.url + path)).bytes)).toBe('jpeg 320x256');
  expect(await filesOf(testData)).toEqual(files);
});

describe('an undecodable image', () => {
  async function problemAt(broken: Buffer): Promise<[number, string, string]> {
    const stored = await studio.store(broken);
    expect((await open(stored)).bytes.equals(broken)).toBe(true);
    const response = await fetchChecked(`${stored}&width=160`);
    const { error } = (await response.json()) as { error: { message: string; code: string } };
    return [response.status, error.code, error.message];
  }

  test.each<[string, () => Promise<Buffer>]>([
    ['a PNG that ends in the middle', async () => (await photo(600, 600)).subarray(0, 5000)],
    ['a JPEG that ends in the middle', async () => (await photo(600, 600, 'jpeg')).subarray(0, 5000)],
    ['a PNG with noise for pixels', async () => (await photo(600, 600)).fill(0xa5, 200)],
  ])('%s has no thumbnail, and its original stays available', async (_name, make) => {
    const [status, code, message] = await problemAt(await make());
    expect([status, code]).toEqual([422, 'no_thumbnail']);
    expect(message).toContain('cannot be decoded');
  });

  test('is sent as it is to a page that asks for it in place of an error', async () => {
    const broken = (await photo(601, 600)).subarray(0, 5000);
    const stored = await studio.store(broken);
    const image = await open(`${stored}&width=160&fallback=original`);
    expect([image.status, image.headers.get('content-type'), image.bytes.equals(broken)]).toEqual([
      200,
      'image/png',
      true,
    ]);
    expect((await open(`${stored}&width=160`)).status).toBe(422);
    expect(await describeBytes((await open(`${url}&width=160&fallback=original`)).bytes)).toBe('jpeg 160x120');
  });

  test.each(['', 'thumbnail', 'original&fallback=original'])('with the fallback %j is a 400', async (fallback) => {
    const response = await fetchChecked(`${url}&width=160&fallback=${fallback}`);
    const { error } = (await response.json()) as { error: { param: string } };
    expect([response.status, error.param]).toEqual([400, 'fallback']);
  });

  test('an image that declares too many pixels has no thumbnail either', async () => {
    const huge = await photo(300, 300);
    huge.writeUInt32BE(30_000, 16);
    huge.writeUInt32BE(30_000, 20);
    const [status, code, message] = await problemAt(huge);
    expect([status, code]).toEqual([422, 'no_thumbnail']);
    expect(message).toContain('64 million pixels');
  });
});

describe('an image that takes too much memory to decode', () => {
  const side = 7900;
  const plain = { create: { width: 300, height: 300, channels: 3, background: '#777777' } } as const;

  /** A JPEG whose frame header says that it is larger. */
  function enlargedJpeg(file: Buffer): Buffer {
    const frame = file.indexOf(Buffer.from([0xff, 0xc2]));
    file.writeUInt16BE(side, frame + 5);
    file.writeUInt16BE(side, frame + 7);
    return file;
  }

  function enlargedPng(file: Buffer): Buffer {
    file.writeUInt32BE(side, 16);
    file.writeUInt32BE(side, 20);
    file.writeUInt32BE(crc32(file.subarray(12, 29)), 29);
    return file;
  }

  test.each<[string, number, () => Promise<Buffer>]>([
    [
      'a progressive JPEG',
      386,
      async () => enlargedJpeg(await sharp(plain).jpeg({ progressive: true, chromaSubsampling: '4:4:4' }).toBuffer()),
    ],
    [
      'a progressive JPEG in CMYK',
      505,
      async () =>
        enlargedJpeg(
          await sharp(plain).toColourspace('cmyk').jpeg({ progressive: true, chromaSubsampling: '4:4:4' }).toBuffer(),
        ),
    ],
    [
      'an interlaced PNG of 16 bits',
      465,
      async () => enlargedPng(await sharp(plain).toColourspace('rgb16').png({ progressive: true }).toBuffer()),
    ],
  ])('%s has no thumbnail, and nothing is decoded for it', async (_name, megabytes, make) => {
    const stored = await studio.store(await make());
    const response = await fetchChecked(`${stored}&width=160`);
    const { error } = (await response.json()) as { error: { message: string; code: string } };
    expect([response.status, error.code]).toEqual([422, 'no_thumbnail']);
    expect(error.message).toContain(`decoding it takes ${megabytes} MB of memory, above 330 MB`);
  });
});

test('thumbnail requests beyond the queue limit are temporarily rejected', async () => {
  const images: string[] = [];
  for (let index = 0; index < 33; index++) images.push(await studio.store(await photo(1281, 20 + index)));
  const before = await filesOf(studio.testData);
  // Two originals that are named pipes: their thumbnails are not ready until the test has written the pipes.
  const slow = await Promise.all([photo(200, 200), photo(200, 201)]);
  const slowUrls: string[] = [];
  for (const image of slow) slowUrls.push(await studio.store(image));
  const pipes = (await filesOf(studio.testData)).filter((file) => !before.includes(file));
  const contents = await Promise.all(pipes.map((pipe) => readFile(pipe)));
  for (const pipe of pipes) {
    await rm(pipe);
    execFileSync('mkfifo', [pipe]);
  }
  const slowResponses = slowUrls.map((each) => open(`${each}&width=160`));
  // Opens once there is a reader.
  const writers = await Promise.all(pipes.map((pipe) => openFile(pipe, 'w')));
  const responses = images.flatMap((each) =>
    [160, 320, 640, 1280].flatMap((width) => [{}, WEBP].map((accept) => open(`${each}&width=${width}`, accept))),
  );
  let responded = 0;
  for (const response of responses) void response.then(() => responded++);
  await expect.poll(() => responded).toBe(8);
  for (const [index, writer] of writers.entries()) {
    await writer.writeFile(contents[index] ?? '');
    await writer.close();
  }
  const byStatus = Map.groupBy(await Promise.all(responses), ({ status }) => status);
  expect(Object.fromEntries([...byStatus].map(([status, { length }]) => [status, length]))).toEqual({
    200: 256,
    503: 8,
  });
  const refused = byStatus.get(503)?.[0];
  expect(refused?.headers.get('retry-after')).toBe('5');
  expect(JSON.parse(String(refused?.bytes))).toMatchObject({ error: { code: 'thumbnails_busy' } });
  expect((await Promise.all(slowResponses)).map(({ status }) => status)).toEqual([200, 200]);
  await Promise.all(pipes.map((pipe, index) => rm(pipe).then(() => writeFile(pipe, contents[index] ?? ''))));
}, 60_000);

test('if a thumbnail cannot be stored, the response is the original image', async () => {
  await using broken = await openStudio();
  const image = await photo(500, 500);
  const stored = await broken.store(image);
  await rm(join(broken.testData.dataDir, 'images', 'tmp'), { recursive: true });
  const response = await open(`${stored}&width=160`);
  expect([response.status, response.bytes.equals(image)]).toEqual([200, true]);
});
