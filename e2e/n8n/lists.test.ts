import { createServer, type AddressInfo } from 'node:net';
import { sendJson, startTestServer } from '@wan-image/testing/http-server';
import { describe, expect, test } from 'vitest';
import {
  allTextOf,
  API_KEY,
  credentialsOf,
  NODE_TYPE,
  startQuickSimulator,
  workbench,
} from '../support/n8n/wan-image.ts';
import type { NodeError } from '../support/n8n/types.ts';

/** The requests of the editor: the list of models, and the credential test. */

const { engine } = workbench();

async function models(url: string, filter?: string, apiKey?: string): Promise<readonly (string | number)[]> {
  const { results } = await (
    await engine()
  ).listSearch({
    nodeType: NODE_TYPE,
    typeVersion: 1,
    method: 'searchModels',
    path: 'parameters.model',
    credentials: credentialsOf(url, apiKey),
    ...(filter === undefined ? {} : { filter }),
  });
  for (const { name, value } of results) expect(name).toBe(value);
  return results.map(({ value }) => value);
}

async function closedPort(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}`;
}

describe('the list of models', () => {
  test('has only models that the node supports, of all that a server offers', async () => {
    await using server = await startTestServer((_request, response) =>
      sendJson(response, 200, {
        data: ['gpt-image-1', 'wan2.7-image', 'wan2.6-t2i', 'wan2.7-image-pro'].map((id) => ({ id })),
      }),
    );
    expect(await models(server.url)).toEqual(['wan2.7-image', 'wan2.7-image-pro']);
    expect(server.requests[0]).toMatchObject({ path: '/v1/models', headers: { authorization: `Bearer ${API_KEY}` } });
  });

  test('is filtered by the typed text', async () => {
    await using simulator = await startQuickSimulator();
    expect(await models(simulator.url)).toEqual(['wan2.7-image-pro', 'wan2.7-image']);
    expect(await models(simulator.url, ' PRO ')).toEqual(['wan2.7-image-pro']);
    expect(await models(simulator.url, 'dall-e')).toEqual([]);
  });

  test('shows the error of an invalid key', async () => {
    await using simulator = await startQuickSimulator();
    const error = await models(simulator.url, '', 'invalid').then(
      () => null,
      (cause: unknown) => cause as NodeError,
    );
    expect(error?.message).toContain('Invalid token');
    expect(error?.message).toContain('Check the API key');
    expect(allTextOf(error!)).not.toContain(API_KEY);
  });

  // A person waits for the list, so a failure is shown without retries.
  test('shows at the first failure that no service is there', async () => {
    await expect(models(await closedPort())).rejects.toMatchObject({
      message: expect.stringContaining('No connection could be made') as string,
      errorResponse: { attempts: 1 },
    });
  });
});

describe('the credential test', () => {
  const tested = async (url: string, apiKey = API_KEY): Promise<unknown> =>
    (await engine()).testCredential('wanImageApi', { baseUrl: url, apiKey });

  const responding = (status: number): ReturnType<typeof startTestServer> =>
    startTestServer((_request, response) => sendJson(response, status, { error: { message: 'no' } }));

  test.each(['', '/', '/v1', '/v1/', ' '])('passes for a valid key and a base URL that ends with "%s"', async (end) => {
    await using simulator = await startQuickSimulator();
    expect(await tested(simulator.url + end)).toMatchObject({ status: 'OK' });
  });

  test('reports a rejected key (401)', async () => {
    await using simulator = await startQuickSimulator();
    expect(await tested(simulator.url, 'invalid')).toEqual({
      status: 'Error',
      message: expect.stringMatching(/rejected this API key \(401\).*Check the key/) as string,
    });
  });

  test('reports a base URL without the API (404)', async () => {
    await using server = await responding(404);
    expect(await tested(server.url)).toEqual({
      status: 'Error',
      message: expect.stringMatching(/No Wan image API found at this Base URL \(404\)/) as string,
    });
  });

  test('reports a key without permission (403)', async () => {
    await using server = await responding(403);
    expect(await tested(server.url)).toMatchObject({
      status: 'Error',
      message: expect.stringContaining('(403)') as string,
    });
  });

  test('reports that no service is there', async () => {
    const result = (await tested(await closedPort())) as { status: string; message: string };
    expect(result.status).toBe('Error');
    expect(result.message).toMatch(/refused|connect/i);
  });

  test.each([500, 502])('fails for a broken service (%i)', async (status) => {
    await using server = await responding(status);
    expect(await tested(server.url)).toMatchObject({ status: 'Error' });
  });

  test('fails for a web page', async () => {
    await using server = await startTestServer(
      (_request, response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Welcome</html>'),
    );
    expect(await tested(server.url)).toMatchObject({ status: 'Error' });
  });
});
