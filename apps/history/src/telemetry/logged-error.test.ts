import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { once } from 'node:events';
import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from '@wan-image/core';
import { failureOf } from '@wan-image/testing/failures';
import { sendJson, startTestServer } from '@wan-image/testing/http-server';
import { expect, test } from 'vitest';
import { loggedError } from './logged-error.ts';

/** A port on which nothing listens. */
const NOWHERE = 'http://127.0.0.1:9';

async function refusedByUpstream(): Promise<unknown> {
  await using server = await startTestServer((_request, response) => sendJson(response, 404, { error: 'no' }));
  return await failureOf(createClient({ baseUrl: server.url, apiKey: 'k' }).models());
}

const aborted = (): Promise<unknown> => failureOf(sleep(1000, null, { signal: AbortSignal.abort() }));
const timedOut = (): Promise<unknown> =>
  failureOf(fetch(NOWHERE, { signal: AbortSignal.abort(new DOMException('t', 'TimeoutError')) }));
const notConnected = async (): Promise<unknown> =>
  (await once(connect(9, '127.0.0.1'), 'error').catch((error: unknown) => [error]))[0];
const missingFile = (): Promise<unknown> => failureOf(readFile('/there/is/no/such/file'));
const cutStream = (): Promise<unknown> => {
  const source = new Readable({ read: () => undefined });
  source.destroy();
  return failureOf(pipeline(source, new Writable({ write: (_chunk, _encoding, done) => done() })));
};

test.each<[string, () => Promise<unknown>, object]>([
  ['a refusal of the upstream', refusedByUpstream, { type: 'WanImageError', status: 404 }],
  ['an abort', aborted, { type: 'AbortError', code: 'ABORT_ERR' }],
  ['a timeout', timedOut, { message: 't' }],
  ['a connection that nobody accepts', notConnected, { code: 'ECONNREFUSED' }],
  ['a file that is missing', missingFile, { code: 'ENOENT' }],
  ['a stream that ends early', cutStream, { code: 'ERR_STREAM_PREMATURE_CLOSE' }],
])('%s has a message and no stack', async (_name, fail, facts) => {
  const logged = loggedError(await fail(), () => false) as Record<string, unknown>;
  expect(logged).toMatchObject(facts);
  expect(logged['message']).toEqual(expect.stringMatching(/./));
  expect(JSON.stringify(logged)).not.toMatch(/\n|\bat .*:\d+/);
});

test('a bug has its stack, and what is no error stays as it is', () => {
  const bug = new TypeError('x is undefined', { cause: new Error('why') });
  const { stack } = loggedError(bug, () => false) as { readonly stack: string };
  expect(stack).toContain('logged-error.test.ts');
  expect(stack).toContain('caused by: Error: why');
  expect(loggedError('text', () => false)).toBe('text');
});

test.each(['ERR_HTTP_HEADERS_SENT', 'ERR_STREAM_WRITE_AFTER_END', 'ERR_INVALID_ARG_TYPE'])(
  'an error with the code %s is a bug',
  (code) => {
    expect(loggedError(Object.assign(new Error('x'), { code }), () => false)).toHaveProperty('stack');
  },
);

test('an error that the service expects has no stack', () => {
  expect(loggedError(new RangeError('x'), (error) => error instanceof RangeError)).toEqual({
    type: 'RangeError',
    message: 'x',
  });
});

test('a failed statement on a table with secrets has neither its values nor a row', () => {
  const facts = { parameters: ['whsec_secret'], detail: 'Failing row contains (whsec_secret).' };
  const failed = (query: string): unknown => loggedError(Object.assign(new Error('x'), facts, { query }), () => false);
  for (const query of ['update webhook set secret = $1', 'INSERT INTO "webhook_delivery"("body") VALUES ($1)']) {
    expect(failed(query)).toMatchObject({ message: 'x', query, stack: expect.any(String) });
    expect(JSON.stringify(failed(query))).not.toContain('whsec_secret');
  }
  expect(failed('update generation set note = $1')).toMatchObject(facts);
});
