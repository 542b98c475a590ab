import { sendJson } from '@wan-image/testing/http-server';
import { describe, expect, test } from 'vitest';
import { fails, startVendor, type Respond, type Vendor } from '../support/n8n/vendor.ts';
import { credentialsOf, editOf, errorOf, NODE, urlRow, wanImage, workbench } from '../support/n8n/wan-image.ts';
import { chain, START } from '../support/n8n/workflows.ts';
import type { WorkflowJson } from '../support/n8n/types.ts';

/** Nothing is billed twice. */

const { engine, run, runWorkflow } = workbench();

const PARAMETERS = { prompt: '={{ $json.prompt }}', output: 'url' };
const TWO = [{ json: { prompt: 'one' } }, { json: { prompt: 'two' } }];

const keysOf = ({ posts }: Vendor): string[] => posts.map(({ headers }) => String(headers['idempotency-key']));

/** By which the node recognizes a service that bills a repeated key once. */
const HISTORY = { 'wan-image-history': '1.0.0' };

/** The list of models, which the node requests before it repeats a request: it costs nothing and has the header. */
const models = ({ path }: { readonly path: string }): Respond | undefined =>
  path === '/v1/models' ? (response) => sendJson(response, 200, { data: [] }, HISTORY) : undefined;

describe('Retry On Fail', () => {
  const retries = { retryOnFail: true, maxTries: 3, waitBetweenTries: 1 };

  /** A server that honours keys: it repeats its response to a key, and bills it once. Its first request for “two” fails. */
  async function startHonest(): Promise<Vendor & AsyncDisposable & { readonly billed: Map<string, number> }> {
    const billed = new Map<string, number>();
    const vendor = await startVendor({
      download: models,
      generate: ({ headers, body, url }) => {
        const key = String(headers['idempotency-key']);
        const isAgain = billed.has(key);
        if (!isAgain) billed.set(key, 1);
        if (!isAgain && body.includes('"two"')) return fails(500, { message: 'Broke.' }, HISTORY);
        return (response) => sendJson(response, 200, { data: [{ url: `${url}/images/0` }] }, HISTORY);
      },
    });
    return Object.assign(vendor, { billed });
  }

  test('bills each item once when the server honours keys', async () => {
    await using vendor = await startHonest();
    const ran = await run(vendor, PARAMETERS, { input: TWO, node: retries });
    expect(ran.error?.message).toBeUndefined();
    expect(ran.output(NODE)).toHaveLength(2);
    // The item that succeeded in the first try is not requested again.
    expect(vendor.posts).toHaveLength(3);
    expect(vendor.billed.size).toBe(2);
  });

  test('sends the same key for the same item, and different keys for different items', async () => {
    await using vendor = await startHonest();
    await run(vendor, PARAMETERS, { input: TWO, node: retries });
    const [first, second, ...again] = keysOf(vendor);
    expect(again).toEqual([second]);
    expect(first).not.toBe(second);
  });

  test('does the same when the workflow continues on errors', async () => {
    await using vendor = await startHonest();
    const node = { ...retries, onError: 'continueRegularOutput' as const };
    // n8n retries only when the first item failed.
    const ran = await run(vendor, PARAMETERS, { input: TWO.toReversed(), node });
    expect(ran.output(NODE).map(({ json }) => 'error' in json)).toEqual([false, false]);
    expect(vendor.billed.size).toBe(2);
  });

  test('sends the same key for all items in one request', async () => {
    await using vendor = await startVendor({
      download: models,
      generate: ({ count }) => (count === 1 ? fails(500, 'Broke.', HISTORY) : undefined),
    });
    const parameters = editOf([urlRow('=https://example.com/{{ $json.prompt }}.png')], { inputItems: 'together' });
    await run(vendor, parameters, { input: TWO, node: retries });
    expect(vendor.posts).toHaveLength(2);
    expect(new Set(keysOf(vendor)).size).toBe(1);
  });
});

test('with Retry On Fail, a service that has not shown that it honours keys gets each request once', async () => {
  await using vendor = await startVendor({ generate: () => fails(500, { message: 'Broke.' }) });
  const node = { retryOnFail: true, maxTries: 3, waitBetweenTries: 1 };
  const error = errorOf(await run(vendor, PARAMETERS, { input: TWO, node }));
  expect(vendor.posts).toHaveLength(1);
  expect(error.message).toContain('the request was not sent again');
});

test('a credential with expressions is read for each item', async () => {
  await using one = await startVendor();
  await using two = await startVendor();
  const credentials = { wanImageApi: { baseUrl: '={{ $json.url }}', apiKey: '={{ $json.key }}' } };
  const input = [
    { json: { prompt: 'one', url: one.url, key: 'key-of-one' } },
    { json: { prompt: 'two', url: two.url, key: 'key-of-two' } },
  ];
  const ran = await runWorkflow(one, chain(wanImage(PARAMETERS)), { input, credentials });
  expect(ran.error?.message).toBeUndefined();
  const seen = [one, two].map(({ posts }) =>
    posts.map(({ headers, body }) => [headers.authorization, JSON.parse(body).prompt as string]),
  );
  expect(seen).toEqual([[['Bearer key-of-one', 'one']], [['Bearer key-of-two', 'two']]]);
});

describe('the idempotency key differs', () => {
  test('in another execution with the same items', async () => {
    await using vendor = await startVendor();
    for (const executionId of ['41', '42']) await run(vendor, PARAMETERS, { input: TWO, executionId });
    expect(new Set(keysOf(vendor)).size).toBe(4);
  });

  test('in another workflow with the same execution number', async () => {
    await using vendor = await startVendor();
    for (const workflowId of ['A', 'B']) await run(vendor, PARAMETERS, { input: TWO, executionId: '43', workflowId });
    expect(new Set(keysOf(vendor)).size).toBe(4);
  });

  test('in another node of the same execution', async () => {
    await using vendor = await startVendor();
    const other = { ...wanImage({ output: 'url' }), name: 'Other' };
    await runWorkflow(vendor, chain(wanImage({ output: 'url' }), other));
    expect(new Set(keysOf(vendor)).size).toBe(2);
  });

  test('in another run of the node, in a loop', async () => {
    await using vendor = await startVendor();
    const ran = await runWorkflow(vendor, loop(), { input: TWO });
    expect(ran.error?.message).toBeUndefined();
    expect(ran.runs(NODE)).toHaveLength(2);
    expect(vendor.bodies.map(({ prompt }) => prompt)).toEqual(['one', 'two']);
    expect(new Set(keysOf(vendor)).size).toBe(2);
  });

  test('but not between the retries of one request', async () => {
    await using vendor = await startVendor({
      generate: ({ count }) => (count < 3 ? fails(429, { message: 'Slower.' }, { 'retry-after-ms': '1' }) : undefined),
    });
    await run(vendor, { output: 'url' });
    expect(vendor.posts).toHaveLength(3);
    expect(new Set(keysOf(vendor)).size).toBe(1);
  });

  test('and reveals neither execution nor workflow', async () => {
    await using vendor = await startVendor();
    await run(vendor, { output: 'url' }, { executionId: '987654', workflowId: 'secretWorkflow' });
    expect(keysOf(vendor)[0]).not.toMatch(/987654|secretWorkflow/);
  });
});

test.each([408, 409, 500, 502, 503, 504])(
  'a request with the response %i, which may have been billed, is sent once',
  async (status) => {
    await using vendor = await startVendor({ generate: () => fails(status, { message: 'Broke.' }) });
    const error = errorOf(await run(vendor, { options: { maximumRetries: 10 } }));
    expect(vendor.posts).toHaveLength(1);
    expect(error.message).toContain('It may have been billed');
  },
);

function loop(): WorkflowJson {
  const to = (node: string): { node: string; type: string; index: number }[] => [{ node, type: 'main', index: 0 }];
  const { nodes } = chain(
    { name: 'Loop', type: 'n8n-nodes-base.splitInBatches', typeVersion: 3, parameters: { options: {} } },
    wanImage(PARAMETERS),
  );
  return {
    nodes,
    connections: { [START]: { main: [to('Loop')] }, Loop: { main: [[], to(NODE)] }, [NODE]: { main: [to('Loop')] } },
  };
}

test('a step of engine 2.0 that runs again after a kill sends its first key, and another execution another', async () => {
  await using vendor = await startVendor();
  const opened = await engine();
  const step = { node: wanImage({ output: 'url' }), credentials: credentialsOf(vendor.url) };
  const executionId = '019b1d7e-6a4c-7d10-9c3e-2f5a8b7c6d5e';
  const { outputs } = await opened.runStep({ ...step, executionId });
  expect(outputs[0]).toHaveLength(1);
  await opened.runStep({ ...step, executionId });
  await opened.runStep({ ...step, executionId: executionId.replace('019b', '019c') });
  const [first, again, other] = keysOf(vendor);
  expect(first).toMatch(/^n8n-[0-9a-f]{64}$/);
  expect(again).toBe(first);
  expect(other).not.toBe(first);
});
