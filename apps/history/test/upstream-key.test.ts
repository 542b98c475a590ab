import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sendJson, startTestServer } from '@wan-image/testing/http-server';
import { expect, test } from 'vitest';
import { openTestData, runHistory, upstreamAt } from './support/test-history.ts';

const warnings = (logs: readonly string[]): string[] =>
  logs
    .map((line) => JSON.parse(line) as { readonly level: number; readonly msg: string })
    .filter(({ level }) => level >= 40)
    .map(({ msg }) => msg);

/** What the service logs about an upstream that responds so, and the requests that it got. */
async function checked(status: number): Promise<{ readonly warned: string[]; readonly asked: string[]; url: string }> {
  await using upstream = await startTestServer((_request, response) =>
    sendJson(response, status, { error: { message: 'no', type: 'x', code: null } }),
  );
  await using testData = await openTestData();
  await using history = await runHistory(testData, upstreamAt(upstream.url));
  await history.checkUpstream();
  expect(history.logs.join('')).not.toContain('sk-upstream');
  return {
    warned: warnings(history.logs),
    asked: upstream.requests.map(({ method, path }) => `${method} ${path}`),
    url: upstream.url,
  };
}

test.each([401, 403])('an upstream that responds %i to the key is told in one sentence', async (status) => {
  const { warned, asked, url } = await checked(status);
  expect(warned).toEqual([
    `The upstream at ${url} does not accept UPSTREAM_API_KEY (${status} on GET /v1/models), so generations will probably fail: check that the key is complete and belongs to this host (UPSTREAM_BASE_URL).`,
  ]);
  expect(asked).toEqual(['GET /v1/models']);
});

test.each([200, 404, 429, 500])('an upstream that responds %i says nothing about the key', async (status) => {
  const { warned, asked } = await checked(status);
  expect([warned, asked]).toEqual([[], ['GET /v1/models']]);
});

test('an upstream that cannot be connected to is told with the setting', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  await using testData = await openTestData();
  await using history = await runHistory(testData, upstreamAt(`http://127.0.0.1:${port}`));
  await history.checkUpstream();
  expect(warnings(history.logs)).toEqual([expect.stringMatching(/cannot be connected to.*check UPSTREAM_BASE_URL/)]);
});

test('the service closes while the upstream does not respond, and warns of nothing', async () => {
  await using upstream = await startTestServer(() => undefined);
  await using testData = await openTestData();
  const history = await runHistory(testData, upstreamAt(upstream.url));
  const checking = history.checkUpstream();
  await expect.poll(() => upstream.requests.length).toBe(1);
  await history.close();
  await checking;
  expect(warnings(history.logs)).toEqual([]);
});

test('the embedded simulator is not asked', async () => {
  await using testData = await openTestData();
  await using history = await runHistory(testData);
  await history.checkUpstream();
  expect(history.logs.join('')).not.toContain('upstream request');
});
