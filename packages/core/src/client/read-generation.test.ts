import { randomChunks, randomOf, randomResponse } from '@wan-image/testing/random-response';
import { describe, expect, test } from 'vitest';
import type { Base64Codec } from '../images/base64-codec.ts';
import { isBase64 } from '../images/base64.ts';
import { bufferBase64 } from '../images/buffer-base64.ts';
import {
  createClient,
  isWanImageError,
  portableBase64,
  TransportError,
  type PortableClientOptions,
  type Generation,
  type WanImageError,
} from '../portable.ts';
import { isErrorBody } from '../protocol/read-error.ts';

/** The parts of an image that the two readers are compared by. */
interface Plain {
  readonly url: string | null;
  readonly revisedPrompt: string | null;
  readonly bytes: string | null;
}

/** A clock that stands still. */
const clock = {
  now: () => 0,
  sleep: (_ms: number, signal: AbortSignal) =>
    new Promise<void>((_resolve, reject) =>
      signal.addEventListener('abort', () => reject(new Error()), { once: true }),
    ),
};

async function* each(chunks: readonly Uint8Array[], ending?: () => AsyncIterable<never>): AsyncIterable<Uint8Array> {
  yield* chunks;
  if (ending) yield* ending();
}

function read(
  chunks: readonly Uint8Array[],
  base64: Base64Codec = portableBase64,
  ending?: () => AsyncIterable<never>,
  options: Partial<PortableClientOptions> = {},
): Promise<Generation> {
  const client = createClient({
    baseUrl: 'http://server.example',
    apiKey: 'k',
    transport: async () => ({ status: 200, headers: {}, body: each(chunks, ending) }),
    clock,
    random: () => 0,
    newIdempotencyKey: () => 'key',
    base64,
    ...options,
  });
  return client.generate({ model: 'wan2.7-image', prompt: '花店' });
}

async function plain({ images }: Pick<Generation, 'images'>): Promise<Plain[]> {
  return Promise.all(
    images.map(async (image) => {
      const bytes = image.inline ? Buffer.from(await image.bytes()).toString('hex') : null;
      return { url: image.url, revisedPrompt: image.revisedPrompt, bytes };
    }),
  );
}

/** Reads a body with `JSON.parse` and a strict base64 decoder; null if they refuse it. */
function oracle(body: Uint8Array): Plain[] | null {
  let json: { data?: unknown };
  try {
    json = JSON.parse(new TextDecoder().decode(body)) as { data?: unknown };
  } catch {
    return null;
  }
  if (isErrorBody(json) || typeof json !== 'object' || json === null || !Array.isArray(json.data)) return null;
  const entries = json.data.map(oracleEntry).filter((entry) => entry !== 'empty');
  return entries.length === 0 || entries.includes('wrong') ? null : (entries as Plain[]);
}

function oracleEntry(entry: unknown): Plain | 'empty' | 'wrong' {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) return 'empty';
  const { url, b64_json: text, revised_prompt: revised } = entry as Record<string, unknown>;
  const isData = typeof url === 'string' && /^data:/i.test(url);
  const texts = [text, isData ? url : null].map((one) =>
    typeof one === 'string' ? one.replace(/[\t\n\f\r ]/g, '') : '',
  );
  const [plainText = '', dataText = ''] = texts.map(withoutPrefix);
  // Of two images in an entry, the one that comes last counts.
  const inOrder =
    Object.keys(entry).indexOf('url') < Object.keys(entry).indexOf('b64_json')
      ? [plainText, dataText]
      : [dataText, plainText];
  const found = inOrder.find((one) => isBase64(one));
  const bytes = found === undefined ? null : Buffer.from(found, 'base64').toString('hex');
  const address = typeof url === 'string' && url !== '' && !isData ? absolute(url) : null;
  if (address === null && bytes === null) return plainText === '' && dataText === '' ? 'empty' : 'wrong';
  return { url: address, revisedPrompt: typeof revised === 'string' && revised !== '' ? revised : null, bytes };
}

function absolute(url: string): string {
  return URL.canParse(url) ? url : (URL.parse(url, 'http://server.example')?.href ?? url);
}

function withoutPrefix(text: string): string {
  const prefix = /^data:[^,]*;base64,/i.exec(text)?.[0] ?? '';
  return /[\p{Cc}\\]/u.test(prefix) ? text : text.slice(prefix.length);
}

async function compare(seed: number): Promise<'read' | 'refused'> {
  const random = randomOf(seed);
  const body = randomResponse(random);
  const chunks = randomChunks(random, body);
  const expected = oracle(body);
  const result = await read(chunks, seed % 2 === 0 ? portableBase64 : bufferBase64(Buffer)).catch((error: unknown) => {
    if (isWanImageError(error)) return error;
    throw error;
  });
  const found = isWanImageError(result) ? null : await plain(result);
  const label = `seed ${seed}: ${JSON.stringify(new TextDecoder().decode(body))}`;
  // Compared as strings: a hundred thousand deep comparisons would take minutes.
  if (JSON.stringify(found) !== JSON.stringify(expected)) expect({ label, found }).toEqual({ label, found: expected });
  return expected === null ? 'refused' : 'read';
}

/** `pnpm e2e` reads 100,000. */
const BODIES = Number(process.env['FUZZ_BODIES'] ?? 20_000);
const ROUND = 10_000;

describe('a response that is read as it arrives equals JSON.parse and a strict base64 decoder, or both refuse it', () => {
  test.each(Array.from({ length: BODIES / ROUND }, (_, round) => [round * ROUND]))(
    '10,000 random bodies in random chunks, from seed %i',
    async (from) => {
      const counts = { read: 0, refused: 0 };
      for (let seed = from; seed < from + ROUND; seed++) counts[await compare(seed)]++;
      // Both results must be common, or the comparison proves nothing.
      expect(Math.min(counts.read, counts.refused)).toBeGreaterThan(ROUND / 5);
    },
    60_000,
  );
});

describe('a response that is cut at any byte is a typed error with all complete images', () => {
  const images = [Uint8Array.of(1, 2, 3, 4), new Uint8Array(300).fill(7), Uint8Array.of(9)];
  const entry = (bytes: Uint8Array): string =>
    `{"revised_prompt":"花店","b64_json":"${Buffer.from(bytes).toString('base64').replaceAll('/', '\\/')}","more":{"a":[1]}}`;
  const body = new TextEncoder().encode(`{"created":1,"data":[${images.map(entry).join(', ')}],"usage":{}}`);
  /** The offset at which the text of each image ends. */
  const ends = images.map((_, index) => {
    const text = `{"created":1,"data":[${images
      .slice(0, index + 1)
      .map(entry)
      .join(', ')}`;
    return new TextEncoder().encode(text.slice(0, text.lastIndexOf(',"more"'))).length;
  });

  test.each([
    ['by the end of the body', 'unreadable_response', undefined],
    [
      'by a broken connection',
      'connection_lost',
      () => ({
        [Symbol.asyncIterator]: () => ({
          next: () => Promise.reject(new TransportError('The connection broke (ECONNRESET)', true)),
        }),
      }),
    ],
  ])('%s', async (_name, kind, ending) => {
    for (let cut = 0; cut < body.length; cut++) {
      const chunks = randomChunks(randomOf(cut), body.subarray(0, cut));
      const error: unknown = await read(chunks, portableBase64, ending).catch((cause: unknown) => cause);
      if (!isWanImageError(error)) throw new Error(`cut at ${cut}`, { cause: error });
      const whole = ends.filter((end) => cut >= end).length;
      expect(error).toMatchObject({ kind, outcome: whole === 0 ? 'unknown' : 'billed', retryable: false });
      expect(await Promise.all(error.images.map((image) => image.bytes()))).toEqual(images.slice(0, whole));
      expect(error.message).toContain(whole === 0 ? 'may have been billed' : `(${cut} bytes of the response)`);
    }
  });
});

describe('entries of a response that are not images', () => {
  const png = Buffer.from('an image').toString('base64');
  const jsonOf = (json: unknown): Uint8Array[] => [new TextEncoder().encode(JSON.stringify(json))];

  test('invalid base64 is an error that has the other images', async () => {
    const error: unknown = await read(
      jsonOf({ data: [{ b64_json: png }, { b64_json: 'QU-_' }, { b64_json: png }] }),
    ).catch((cause: unknown) => cause);
    expect(error).toMatchObject({ kind: 'unreadable_response', outcome: 'billed' });
    expect((error as WanImageError).message).toContain('contains an image that is not base64 (image 1)');
    expect((error as WanImageError).images.map(({ index }) => index)).toEqual([0, 2]);
  });

  test('an image with invalid base64 and a URL has its URL', async () => {
    const { images } = await read(jsonOf({ data: [{ b64_json: 'QU-_', url: 'https://a.example/1.png' }] }));
    expect(images).toMatchObject([{ url: 'https://a.example/1.png' }]);
  });

  test('empty entries are not images', async () => {
    const { images } = await read(jsonOf({ data: [null, {}, { url: '', b64_json: '' }, { b64_json: png }] }));
    expect(images.map(({ index }) => index)).toEqual([0]);
  });

  test.each([
    ['/files/1.png?x=1', 'http://server.example/files/1.png?x=1'],
    ['files/1.png', 'http://server.example/files/1.png'],
    ['//cdn.example/1.png', 'http://cdn.example/1.png'],
    ['https://cdn.example/1.png', 'https://cdn.example/1.png'],
    ['http://', 'http://'],
  ])('the URL %s is %s', async (url, expected) => {
    expect((await read(jsonOf({ data: [{ url }] }))).images).toMatchObject([{ url: expected, inline: false }]);
  });

  test.each(['data:image/png;base64,', 'DATA:image/png;charset=utf-8;base64,'])(
    'a URL that begins with %s is the bytes of its image',
    async (prefix) => {
      const data = [{ url: prefix + png }, { url: prefix + png, b64_json: null }, { b64_json: '', url: prefix + png }];
      const { images, raw } = await read(jsonOf({ data }));
      expect(await plain({ images })).toEqual(
        data.map(() => ({ url: null, revisedPrompt: null, bytes: Buffer.from('an image').toString('hex') })),
      );
      expect(JSON.stringify(raw.json)).not.toContain(png);
    },
  );

  test('a data URI that is not base64 is an error', async () => {
    await expect(read(jsonOf({ data: [{ url: 'data:image/svg+xml,%3Csvg/%3E' }] }))).rejects.toThrow('is not base64');
  });

  test('of one response the first 100 images are read, and the others are counted', async () => {
    const data = Array.from({ length: 130 }, (_, index) =>
      index % 2 === 0 ? { b64_json: png } : { url: `https://a.example/${index}.png` },
    );
    const seen: number[] = [];
    const { images, omitted } = await read(jsonOf({ data }));
    for (const { index } of images) seen.push(index);
    expect(seen).toEqual(Array.from({ length: 100 }, (_, index) => index));
    expect(omitted).toBe(30);
    expect((await read(jsonOf({ data: data.slice(0, 100) }))).omitted).toBe(0);
  });

  test('the last of two equal keys counts, and "data" may occur only once', async () => {
    const entry = `{"b64_json":"AAAA","b64_json":"${png}"}`;
    const [image] = (await read([new TextEncoder().encode(`{"data":[${entry}]}`)])).images;
    expect(Buffer.from((await image?.bytes()) ?? []).toString()).toBe('an image');
    await expect(
      read([new TextEncoder().encode(`{"data":[${entry}],"data":[{"url":"https://a.example"}]}`)]),
    ).rejects.toThrow('contains "data" twice');
  });

  test('an image above maxImageBytes is an error and is not held in memory', async () => {
    const large = Buffer.alloc(2_000_000).toString('base64');
    await expect(
      read(jsonOf({ data: [{ b64_json: large }] }), portableBase64, undefined, { maxImageBytes: 1_000_000 }),
    ).rejects.toMatchObject({ remedy: 'raise_max_image_bytes', limit: 1_000_000, fault: 'caller' });
  });

  test.each([
    ['white space in an image', ' ', 'has more than', undefined],
    ['text after invalid base64', '-', 'is not base64 (image 1)', undefined],
    ['an image above maxImageBytes', 'A', 'is larger than 1000000 bytes (image 1)', 1_000_000],
  ])('of endless %s no more than 16 MiB are read', async (_name, character, message, maxImageBytes) => {
    let chunks = 0;
    async function* endless(): AsyncGenerator<never, void, void> {
      // Typed as never, because `each` appends only failures.
      for (; chunks < 100; chunks++) yield new Uint8Array(1024 * 1024).fill(character.charCodeAt(0)) as never;
    }
    const begin = [new TextEncoder().encode(`{"data":[{"b64_json":"${png}"},{"b64_json":"QUFB`)];
    const options = maxImageBytes === undefined ? {} : { maxImageBytes };
    const error: unknown = await read(begin, bufferBase64(Buffer), endless, options).catch((cause: unknown) => cause);
    expect(error).toMatchObject({ kind: 'unreadable_response', outcome: 'billed', images: [{ index: 0 }] });
    expect((error as WanImageError).message).toContain(message);
    expect(chunks).toBeLessThan(20);
  });

  test('endless JSON in addition to the images is an error and is not held in memory', async () => {
    const text = `{"data":[{"b64_json":"${png}"}],"note":"`;
    const chunks = [
      new TextEncoder().encode(text),
      ...Array<Uint8Array>(20).fill(new Uint8Array(1024 * 1024).fill(0x61)),
    ];
    const error: unknown = await read(chunks).catch((cause: unknown) => cause);
    expect(error).toMatchObject({ kind: 'unreadable_response', outcome: 'billed', images: [{ index: 0 }] });
  });

  test('the raw JSON has null in place of the images', async () => {
    const { raw, extra } = await read(jsonOf({ created: 5, data: [{ b64_json: png, odd: 1 }], usage: { images: 1 } }));
    expect(raw.json).toEqual({ created: 5, data: [{ b64_json: null, odd: 1 }], usage: { images: 1 } });
    expect(extra).toEqual({ usage: { images: 1 } });
  });
});
