import { sendJson } from '@wan-image/testing/http-server';
import { describe, expect, test } from 'vitest';
import { fails, startVendor, type Vendor } from '../support/n8n/vendor.ts';
import { editOf, errorOf, NODE, urlRow, wanImage, workbench } from '../support/n8n/wan-image.ts';
import { chain, START } from '../support/n8n/workflows.ts';
import type { WorkflowJson } from '../support/n8n/types.ts';

/** Nothing is paid for twice: research/n8n.md section 2 (Retry On Fail), section 6, point 19. */

const { run, runWorkflow } = workbench();

const PARAMETERS = { prompt: '={{ $json.prompt }}', output: 'url' };
const TWO = [{ json: { prompt: 'one' } }, { json: { prompt: 'two' } }];

const keysOf = ({ posts }: Vendor): string[] => posts.map(({ headers }) => String(headers['idempotency-key']));

describe('Retry On Fail', () => {
  const retries = { retryOnFail: true, maxTries: 3, waitBetweenTries: 1 };

  /** A server that answers a key again with what it answered before, and bills it once. It fails on the first request for “two”. */
  async function startHonest(): Promise<Vendor & AsyncDisposable & { readonly billed: Map<string, number> }> {
    const billed = new Map<string, number>();
    const vendor = await startVendor({
      generate: ({ headers, body, url }) => {
        const key = String(headers['idempotency-key']);
        const isAgain = billed.has(key);
        if (!isAgain) billed.set(key, 1);
        if (!isAgain && body.includes('"two"')) return fails(500, { message: 'Broke.' });
        return (response) => sendJson(response, 200, { data: [{ url: `${url}/images/0` }] });
      },
    });
    return Object.assign(vendor, { billed });
  }

  test('bills each item once where the server honours the key', async () => {
    await using vendor = await startHonest();
    const ran = await run(vendor, PARAMETERS, { input: TWO, node: retries });
    expect(ran.error?.message).toBeUndefined();
    expect(ran.output(NODE)).toHaveLength(2);
    // What was made in the first try is not even asked for again.
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

  test('does the same behind a node that goes on after errors', async () => {
    await using vendor = await startHonest();
    const node = { ...retries, onError: 'continueRegularOutput' as const };
    // n8n tries again only where the first item failed.
    const ran = await run(vendor, PARAMETERS, { input: TWO.toReversed(), node });
    expect(ran.output(NODE).map(({ json }) => 'error' in json)).toEqual([false, false]);
    expect(vendor.billed.size).toBe(2);
  });

  test('sends the same key for all items in one request', async () => {
    await using vendor = await startVendor({
      generate: ({ count }) => (count === 1 ? fails(500, 'Broke.') : undefined),
    });
    const parameters = editOf([urlRow('=https://example.com/{{ $json.prompt }}.png')], { inputItems: 'together' });
    await run(vendor, parameters, { input: TWO, node: retries });
    expect(vendor.posts).toHaveLength(2);
    expect(new Set(keysOf(vendor)).size).toBe(1);
  });
});

describe('a key is another', () => {
  test('in another execution, of the same items', async () => {
    await using vendor = await startVendor();
    for (const executionId of ['41', '42']) await run(vendor, PARAMETERS, { input: TWO, executionId });
    expect(new Set(keysOf(vendor)).size).toBe(4);
  });

  test('in another workflow whose execution has the same number', async () => {
    await using vendor = await startVendor();
    for (const workflowId of ['A', 'B']) await run(vendor, PARAMETERS, { input: TWO, executionId: '43', workflowId });
    expect(new Set(keysOf(vendor)).size).toBe(4);
  });

  test('of another node of the same execution', async () => {
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

  test('but the same in the retries of one request', async () => {
    await using vendor = await startVendor({
      generate: ({ count }) => (count < 3 ? fails(429, { message: 'Slower.' }, { 'retry-after-ms': '1' }) : undefined),
    });
    await run(vendor, { output: 'url' });
    expect(vendor.posts).toHaveLength(3);
    expect(new Set(keysOf(vendor)).size).toBe(1);
  });

  test('and tells nobody which execution or workflow it was', async () => {
    await using vendor = await startVendor();
    await run(vendor, { output: 'url' }, { executionId: '987654', workflowId: 'secretWorkflow' });
    expect(keysOf(vendor)[0]).not.toMatch(/987654|secretWorkflow/);
  });
});

test.each([408, 409, 500, 502, 503, 504])('a %i, after which it may have been billed, is sent once', async (status) => {
  await using vendor = await startVendor({ generate: () => fails(status, { message: 'Broke.' }) });
  const error = errorOf(await run(vendor, { options: { maximumRetries: 10 } }));
  expect(vendor.posts).toHaveLength(1);
  expect(error.message).toContain('It may have been billed');
});

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
