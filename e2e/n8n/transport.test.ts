import type { Transport } from '@wan-image/core';
import { transportContract } from '@wan-image/core/testing';
import { describe, expect, test } from 'vitest';
import { startVendor } from '../support/n8n/vendor.ts';
import { API_KEY, credentialsOf, wanImage, workbench } from '../support/n8n/wan-image.ts';

/** The node's transport, over n8n's own HTTP client, against core's contract for transports. */

const { engine } = workbench();

interface Source {
  readonly createN8nTransport: (
    context: object,
    authentication: { readonly credential: string; readonly item: number },
    onStream: (stream: unknown) => void,
  ) => Transport;
}

// By path: the node is a CommonJS package without exports, whose types this package cannot import.
const SOURCE = '../../packages/n8n-nodes-wan-image/nodes/WanImage/host/n8n-transport.ts';
const { createN8nTransport } = (await import(new URL(SOURCE, import.meta.url).href)) as Source;

async function withTransport<T>(use: (transport: Transport) => Promise<T>, baseUrl = 'http://127.0.0.1:9'): Promise<T> {
  await using context = await (await engine()).context({ node: wanImage(), credentials: credentialsOf(baseUrl) });
  return await use(createN8nTransport(context, { credential: 'wanImageApi', item: 0 }, () => undefined));
}

const withKey =
  (transport: Transport): Transport =>
  (request) =>
    transport({ ...request, headers: { ...request.headers, authorization: 'Bearer of no matter' } });

describe.each([
  ['without the credential', (transport: Transport) => transport],
  ['with the credential', withKey],
])('a request %s', (_credential, wrap) => {
  test.each(transportContract().map(({ name, check }) => [name, check] as const))('%s', async (_name, check) => {
    await expect(withTransport((transport) => check(wrap(transport)))).resolves.toBeUndefined();
  });
});

test('the API key is sent only to requests that need it', async () => {
  await using vendor = await startVendor();
  const { signal } = new AbortController();
  const request = {
    method: 'GET',
    url: `${vendor.url}/images/0`,
    headers: {},
    body: null,
    signal,
    publicOnly: false,
  };
  await withTransport(async (transport) => {
    for (const send of [transport, withKey(transport)]) {
      for await (const _ of (await send(request)).body);
    }
  }, vendor.url);
  expect(vendor.downloads.map(({ headers }) => headers['authorization'])).toEqual([undefined, `Bearer ${API_KEY}`]);
});
