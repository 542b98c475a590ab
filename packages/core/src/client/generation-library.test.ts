import { failureOf } from '@wan-image/testing/failures';
import { sendJson, startTestServer } from '@wan-image/testing/http-server';
import { expect, test } from 'vitest';
import { createFetchTransport, createGenerationLibrary, isWanImageError } from '../portable.ts';
import { systemClock } from './system-clock.ts';

const ID = '019ab2c4-5d6e-7f80-9a1b-2c3d4e5f6071';

function libraryAt(baseUrl: string) {
  return createGenerationLibrary({
    baseUrl,
    apiKey: 'k-secret',
    transport: createFetchTransport(fetch),
    clock: systemClock,
    random: () => 0,
    newIdempotencyKey: () => 'key',
    retry: { baseDelayMs: 1 },
  });
}

async function textOf(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all).toString();
}

test('an image is downloaded by its id from below the base URL, with the key, and again after a failure', async () => {
  await using server = await startTestServer((_request, response, count) =>
    count === 1 ? sendJson(response, 503, {}) : void response.end('bytes'),
  );
  const library = libraryAt(`${server.url}/history/v1`);
  expect(await textOf(library.downloadImage(`${ID}-0`))).toBe('bytes');
  expect(server.requests.map(({ path, headers }) => [path, headers.authorization])).toEqual(
    Array.from({ length: 2 }, () => [`/history/images/${ID}-0`, 'Bearer k-secret']),
  );
});

test('a redirect of it is not followed: the key would go elsewhere', async () => {
  await using server = await startTestServer((_request, response) => {
    response.writeHead(302, { location: '/elsewhere' }).end();
  });
  const library = libraryAt(server.url);
  const error = await failureOf(textOf(library.downloadImage(`${ID}-0`)), isWanImageError);
  expect([error.kind, error.outcome]).toEqual(['download_failed', 'billed']);
  expect(server.requests.every(({ path }) => path === `/images/${ID}-0`)).toBe(true);
});

test('an id cannot lead to another path', async () => {
  await using server = await startTestServer((_request, response) => void response.end('bytes'));
  await textOf(libraryAt(server.url).downloadImage('../v1/api-keys?x=1'));
  expect(server.requests.map(({ path }) => path)).toEqual(['/images/..%2Fv1%2Fapi-keys%3Fx%3D1']);
});
