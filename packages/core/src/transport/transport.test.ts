import { Agent, fetch as undiciFetch, type RequestInit } from 'undici';
import { afterAll, describe, expect, test } from 'vitest';
import { createNodeTransport } from '../node/node-transport.ts';
import { transportContract } from '../testing/transport-contract.ts';
import { createFetchTransport } from './fetch-transport.ts';
import { hostProblem, isPublicAddress } from './public-address.ts';

const dispatcher = new Agent({ headersTimeout: 0, bodyTimeout: 0 });
afterAll(() => dispatcher.destroy());

describe.each([
  ["Node's own HTTP client", createNodeTransport()],
  ['the global fetch', createFetchTransport((url, init) => fetch(url, init))],
  [
    'undici with a custom dispatcher',
    createFetchTransport((url, init) => undiciFetch(url, { ...(init as RequestInit), dispatcher }), {
      streamsUploads: true,
    }),
  ],
])('a transport over %s', (_name, transport) => {
  test.each(transportContract().map(({ name, check }) => [name, check] as const))('%s', async (_sentence, check) => {
    await expect(check(transport)).resolves.toBeUndefined();
  });
});

describe('the public-address guard', () => {
  test.each([
    '8.8.8.8',
    '1.1.1.1',
    '172.32.0.1',
    '100.128.0.1',
    '2606:4700::1111',
    '2a00:1450:4001::1',
    '::ffff:8.8.8.8',
  ])('%s is public', (address) => expect(isPublicAddress(address)).toBe(true));

  test.each([
    '127.0.0.1',
    '0.0.0.0',
    '10.1.2.3',
    '172.31.255.255',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '198.19.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::1',
    '::',
    '::127.0.0.1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    'fe80::1',
    'fd00::1',
    'ff02::1',
    '64:ff9b::7f00:1',
    '2001:db8::1',
    '2002:7f00:1::',
    'example.com',
    '',
    '1::2::3',
  ])('%j is not public', (address) => expect(isPublicAddress(address)).toBe(false));

  test.each([
    'http://2130706433/',
    'http://[::1]/',
    'http://0x7f.1/',
    'http://localhost./',
    'http://a.localhost/',
    'http://x.internal/',
  ])('the URL %s is not public', (url) => expect(hostProblem(new URL(url))).toContain('is not on the public internet'));

  test('a host name is checked only when it is resolved', () =>
    expect(hostProblem(new URL('http://example.com/'))).toBeNull());
});
