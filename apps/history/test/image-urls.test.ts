import type { ErrorBody } from '@wan-image/core';
import { parse } from 'content-disposition';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ServiceAddress } from '../src/links/service-address.ts';
import { ImageSignatures } from '../src/links/image-signatures.ts';
import { ADMIN, ADMIN_API_KEY } from './support/access.ts';
import { fetchChecked, generate } from './support/requests.ts';
import {
  openHistory,
  openTestData,
  runHistory,
  runSimulator,
  upstreamAt,
  type TestHistory,
} from './support/test-history.ts';

const body = { model: 'wan2.7-image', prompt: '花', size: '1K', n: 2 };

async function responseAt(url: string, headers: Record<string, string> = {}): Promise<[number, string | null]> {
  const response = await fetchChecked(url, { headers });
  const text = await response.text();
  if (response.ok) return [response.status, null];
  const { error } = JSON.parse(text) as ErrorBody;
  return [response.status, `${error.code}: ${error.message}`];
}

const NO_SUCH_IMAGE = [404, 'not_found: This image does not exist.'];

/** The URL with a part of its query replaced. */
function withQuery(url: string, changes: Record<string, string | null>): string {
  const changed = new URL(url);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) changed.searchParams.delete(name);
    else changed.searchParams.set(name, value);
  }
  return changed.href;
}

describe('an image of a service with a key', () => {
  let history: TestHistory & AsyncDisposable;
  let urls: readonly [string, string];
  beforeAll(async () => {
    history = await openHistory({ ADMIN_API_KEY });
    const { data } = (await generate(history.url, body, ADMIN)).body;
    urls = [data[0]?.url ?? '', data[1]?.url ?? ''];
  });
  afterAll(() => history[Symbol.asyncDispose]());

  const signature = (): string => new URL(urls[0]).searchParams.get('signature') ?? '';

  test('opens with its URL, whatever key the request has', async () => {
    for (const headers of [{}, ADMIN, { authorization: 'Bearer wrong' }, { authorization: 'Basic eDp5' }])
      expect(await responseAt(urls[0], headers)).toEqual([200, null]);
  });

  test('has the same kind of URL in the record', async () => {
    const response = await generate(history.url, body, ADMIN);
    const fetched = await fetchChecked(`${history.url}/v1/generations/${response.headers.get('x-generation-id')}`, {
      headers: ADMIN,
    });
    const record = (await fetched.json()) as { images: { url: string }[] };
    expect(record.images.map(({ url }) => url)).toEqual(response.body.data.map(({ url }) => url));
  });

  test('requires the key without a signature', async () => {
    const bare = urls[0].split('?')[0] ?? '';
    expect(await responseAt(bare, ADMIN)).toEqual([200, null]);
    expect(await responseAt(bare)).toEqual(NO_SUCH_IMAGE);
    expect(await responseAt(bare, { authorization: 'Bearer wrong' })).toEqual(NO_SUCH_IMAGE);
    // And no one without a key learns which images exist.
    expect(await responseAt(`${bare}9`)).toEqual(await responseAt(bare));
    expect(await responseAt(`${bare}9`, ADMIN)).toEqual(NO_SUCH_IMAGE);
  });

  test('rejects a signature with any character changed, removed or added', async () => {
    const right = signature();
    expect(right).toMatch(/^[\w-]{24}$/);
    const wrong = Array.from(right).flatMap((own, at) => {
      const put = (text: string): string => right.slice(0, at) + text + right.slice(at + 1);
      const others = ['A', 'a', '0', '-', '_', '+', '/', '=', '.', ' ', '%', '&', '\u0000', 'é', '花'];
      const swapped = own === own.toUpperCase() ? own.toLowerCase() : own.toUpperCase();
      return [...others, swapped]
        .filter((other) => other !== own)
        .map(put)
        .concat(put(''), put(own + own));
    });
    const more = ['', ' ', `${right}=`, `${right}A`, `${right}\n`, right.repeat(2), 'null', 'x'.repeat(2000)];
    for (const tampered of [...wrong, ...more])
      expect([tampered, ...(await responseAt(withQuery(urls[0], { signature: tampered })))]).toEqual([
        tampered,
        ...NO_SUCH_IMAGE,
      ]);
  });

  test.each<[string, (url: string, other: string) => string]>([
    ['of another image', (url, other) => withQuery(url, { signature: new URL(other).searchParams.get('signature') })],
    ['of another key', (url) => withQuery(url, { key: 'owm' })],
    ['of a key named as a property of every object', (url) => withQuery(url, { key: 'constructor' })],
    ['without its key', (url) => withQuery(url, { key: null })],
    ['with an empty key', (url) => withQuery(url, { key: '' })],
    ['that is only a key', (url) => withQuery(url, { signature: null })],
    ['that is there twice', (url) => `${url}&signature=${new URL(url).searchParams.get('signature')}`],
    ['whose key is there twice', (url) => `${url}&key=own`],
    ['on another spelling of the id', (url) => url.replace('-0?', '-00?')],
    ['on an input that does not exist', (url) => url.replace('-0?', '-input-0?')],
    [
      'on an id in capitals',
      (url) => url.replace(/images\/[^?]+/, (path) => path.toUpperCase().replace('IMAGES', 'images')),
    ],
    ['on no id at all', (url) => url.replace(/images\/[^?]+/, 'images/x')],
  ])('rejects a signature %s, even with a valid API key', async (_name, tamper) => {
    const url = tamper(urls[0], urls[1]);
    expect(await responseAt(url)).toEqual(NO_SUCH_IMAGE);
    expect(await responseAt(url, ADMIN)).toEqual(NO_SUCH_IMAGE);
  });

  test('rejects a URL of another service', async () => {
    const signatures = new ImageSignatures([{ id: 'own', secret: 'x'.repeat(43) }]);
    const id = /images\/([^?]+)/.exec(urls[0])?.[1] ?? '';
    expect(await responseAt(new ServiceAddress(history.url, signatures).urlOfImage(id))).toEqual(NO_SUCH_IMAGE);
  });

  test('a HEAD response matches GET, without a body', async () => {
    const got = await fetchChecked(urls[0]);
    const length = (await got.arrayBuffer()).byteLength;
    const head = await fetchChecked(urls[0], { method: 'HEAD', headers: { range: 'bytes=0-9' } });
    expect([head.status, Number(head.headers.get('content-length'))]).toEqual([200, length]);
    for (const name of ['etag', 'content-type', 'cache-control', 'accept-ranges', 'content-disposition'])
      expect(head.headers.get(name)).toBe(got.headers.get(name));
    expect((await fetchChecked(withQuery(urls[0], { signature: 'x' }), { method: 'HEAD' })).status).toBe(404);
  });

  test('has the words of its prompt in its file name for those who may read the record, and for no others', async () => {
    const nameOf = async (url: string, init: RequestInit = {}): Promise<string | undefined> =>
      parse((await fetchChecked(url, init)).headers.get('content-disposition') ?? '').parameters['filename'];
    const plain = expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d\.\d\d\.\d\d wan-image 0\.png$/) as string;
    const named = expect.stringMatching(/^\d{4}-\d\d-\d\d 花 0\.png$/) as string;
    expect(await nameOf(urls[0])).toEqual(plain);
    expect(await nameOf(urls[0], { headers: { authorization: 'Bearer wrong' } })).toEqual(plain);
    const unsigned = withQuery(urls[0], { key: null, signature: null });
    const etag = (await fetchChecked(urls[0])).headers.get('etag') ?? '';
    for (const url of [urls[0], unsigned]) {
      expect(await nameOf(url, { headers: ADMIN })).toEqual(named);
      expect(await nameOf(url, { headers: ADMIN, method: 'HEAD' })).toEqual(named);
      expect(await nameOf(url, { headers: { ...ADMIN, 'if-none-match': etag } })).toEqual(named);
    }
    const thumbnail = await nameOf(`${urls[0]}&width=160`, { headers: { ...ADMIN, accept: 'image/webp' } });
    expect(thumbnail).toEqual(expect.stringMatching(/ 花 0\.webp$/));
  });

  test('leaves no signature in the log', () => {
    expect(history.logs.join('')).toContain('/images/');
    expect(history.logs.join('')).not.toContain(signature());
  });
});

test('a service without a key serves images without a signature, and rejects a wrong one', async () => {
  await using history = await openHistory();
  const url = (await generate(history.url, body)).body.data[0]?.url ?? '';
  expect(await responseAt(url.split('?')[0] ?? '')).toEqual([200, null]);
  expect(await responseAt(withQuery(url, { signature: 'x' }))).toEqual(NO_SUCH_IMAGE);
});

describe('signing keys', () => {
  const [first, second, third] = ['1'.repeat(32), '2'.repeat(32), '3'.repeat(32)];

  test('create URLs that survive restarts and rotation, until their key is removed', async () => {
    await using testData = await openTestData();
    await using simulator = await runSimulator();
    const urls: string[] = [];
    /** Runs the service once, generates another image, and returns which of the URLs so far still open their images. */
    const run = async (keys: string): Promise<number[]> => {
      await using history = await runHistory(testData, { ...upstreamAt(simulator.url), SIGNING_KEYS: keys });
      const response = await generate(history.url, { ...body, n: 1 });
      urls.push((response.body.data[0]?.url ?? '').slice(history.url.length));
      return await Promise.all(urls.map(async (path) => (await fetchChecked(history.url + path)).status));
    };
    expect(await run('')).toEqual([200]);
    expect(await run('')).toEqual([200, 200]);
    expect(await run(`a:${first}`)).toEqual([200, 200, 200]);
    expect(await run(`b:${second},a:${first}`)).toEqual([200, 200, 200, 200]);
    expect(await run(`b:${second}`)).toEqual([200, 200, 404, 200, 200]);
    expect(await run(`a:${third},b:${second}`)).toEqual([200, 200, 404, 200, 200, 200]);
    expect(await run('')).toEqual([200, 200, 404, 404, 404, 404, 200]);
    expect(urls.map((url) => /key=(\w+)/.exec(url)?.[1])).toEqual(['own', 'own', 'a', 'b', 'b', 'a', 'own']);
    expect(new Set(urls).size).toBe(7);
  });

  test('from the setting replace the generated one, under its name', async () => {
    await using testData = await openTestData();
    await using simulator = await runSimulator();
    let path: string;
    {
      await using history = await runHistory(testData, upstreamAt(simulator.url));
      path = ((await generate(history.url, body)).body.data[0]?.url ?? '').slice(history.url.length);
    }
    await using history = await runHistory(testData, { ...upstreamAt(simulator.url), SIGNING_KEYS: `own:${first}` });
    expect((await fetchChecked(history.url + path)).status).toBe(404);
  });

  test('create the same signature for the same secret and image, and a different one otherwise', () => {
    const sign = (secret: string, id: string): string => new ImageSignatures([{ id: 'k', secret }]).sign(id).signature;
    expect(sign(first, 'a-0')).toBe(sign(first, 'a-0'));
    expect(new Set([sign(first, 'a-0'), sign(first, 'a-1'), sign(second, 'a-0')]).size).toBe(3);
  });
});

describe('a URL of this service is recognized', () => {
  const signatures = new ImageSignatures([{ id: 'k', secret: 'x'.repeat(32) }]);
  const address = new ServiceAddress('https://images.example/wan', signatures);
  const url = address.urlOfImage('a-0');

  test.each([
    [url, { imageId: 'a-0', valid: true }],
    [`${url}&width=320`, { imageId: 'a-0', valid: true }],
    [`${url}x`, { imageId: 'a-0', valid: false }],
    [`${url}&key=k`, { imageId: 'a-0', valid: false }],
    [url.split('?')[0] ?? '', { imageId: 'a-0', valid: false }],
    [url.replace('/wan', ''), null],
    [url.replace('https', 'http'), null],
    [url.replace('images.example', 'images.example.evil.example'), null],
    ['data:image/png;base64,AAAA', null],
    ['no URL', null],
  ])('%s', (candidate, expected) => {
    expect(address.readImageUrl(candidate)).toEqual(expected);
  });
});
