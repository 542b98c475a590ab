import { describe, expect, test } from 'vitest';
import { fails, startVendor, type VendorOptions } from '../support/n8n/vendor.ts';
import { errorOf, factsOf, NODE, wanImage, workbench } from '../support/n8n/wan-image.ts';
import { chain, keepOnly, START } from '../support/n8n/workflows.ts';
import type { Item, WorkflowJson } from '../support/n8n/types.ts';

/** A failed item among others (n8n#30050, n8n#35559). */

const { run, runWorkflow } = workbench();

const PARAMETERS = { prompt: '={{ $json.prompt }}', numberOfImages: '={{ $json.n }}', output: 'url' };
const INPUT = [
  { json: { prompt: 'one', n: 1 } },
  { json: { prompt: 'bad', n: 1 } },
  { json: { prompt: 'three', n: 2 } },
  { json: { prompt: '', n: 1 } },
  { json: { prompt: 'five', n: 1 } },
];

const refusesBad: VendorOptions = {
  generate: ({ body }) =>
    (JSON.parse(body) as { prompt: string }).prompt === 'bad'
      ? fails(400, { message: 'No.', code: 'InvalidParameter' }, { 'x-request-id': 'request-2' })
      : undefined,
};

const pairs = (items: readonly Item[]): unknown[] => items.map(({ pairedItem }) => pairedItem);

describe('when the workflow continues on errors', () => {
  test('failed items keep their positions among the others', async () => {
    await using vendor = await startVendor(refusesBad);
    const ran = await run(vendor, PARAMETERS, { input: INPUT, node: { onError: 'continueRegularOutput' } });
    expect(ran.status).toBe('success');
    const items = ran.output(NODE);
    expect(pairs(items)).toEqual([0, 1, 2, 2, 3, 4].map((item) => ({ item })));
    expect(items.map(({ json }) => 'error' in json)).toEqual([false, true, false, false, true, false]);
    expect(vendor.posts).toHaveLength(4);
  });

  test('a failed item has the error, the outcome and the request id in its JSON', async () => {
    await using vendor = await startVendor(refusesBad);
    const ran = await run(vendor, PARAMETERS, { input: INPUT, node: { onError: 'continueRegularOutput' } });
    const [refused, invalid] = ran.output(NODE).filter(({ json }) => 'error' in json);
    expect(factsOf(refused!)).toMatchObject({
      message: 'No. Change the request. [item 1]',
      kind: 'refused',
      outcome: 'not_billed',
      request_id: 'request-2',
    });
    expect(factsOf(invalid!)).toMatchObject({ kind: 'invalid_request', outcome: 'not_billed', request_id: null });
  });
});

describe('when failed items have a separate output', () => {
  const workflow = (): WorkflowJson => {
    const straight = chain(
      wanImage(PARAMETERS, { onError: 'continueErrorOutput' }),
      keepOnly(
        {
          from: `={{ $('${NODE}').item.json.url ?? $('${NODE}').item.json.message }}`,
          first: `={{ $('${START}').item.json.prompt }}`,
        },
        'Good',
      ),
    );
    const bad = keepOnly(
      {
        from: `={{ $('${NODE}').item.json.message }}`,
        first: `={{ $('${START}').item.json.prompt }}`,
        outcome: '={{ $json.error.outcome }}',
      },
      'Bad',
    );
    const to = (node: string): { node: string; type: string; index: number }[] => [{ node, type: 'main', index: 0 }];
    return {
      ...straight,
      nodes: [...straight.nodes, bad],
      connections: { ...straight.connections, [NODE]: { main: [to('Good'), to('Bad')] } },
    };
  };

  test('each item is on its branch, in order, and paired with its input item', async () => {
    await using vendor = await startVendor(refusesBad);
    const ran = await runWorkflow(vendor, workflow(), { input: INPUT });
    expect(ran.error?.message).toBeUndefined();
    expect(pairs(ran.output(NODE, 0))).toEqual([0, 2, 2, 4].map((item) => ({ item })));
    expect(pairs(ran.output(NODE, 1))).toEqual([1, 3].map((item) => ({ item })));
  });

  // n8n#30050
  test('expressions after both outputs find the item of the node and its input item', async () => {
    await using vendor = await startVendor(refusesBad);
    const ran = await runWorkflow(vendor, workflow(), { input: INPUT });
    const url = (index: number): string => `${vendor.url}/images/${index}`;
    expect(ran.output('Good').map(({ json }) => json)).toEqual([
      { from: url(0), first: 'one' },
      { from: url(0), first: 'three' },
      { from: url(1), first: 'three' },
      { from: url(0), first: 'five' },
    ]);
    const bad = ran.output('Bad').map(({ json }) => json);
    expect(bad.map(({ first }) => first)).toEqual(['bad', '']);
    expect(bad.map(({ from }) => from)).toEqual([
      expect.stringContaining('No. Change the request.'),
      expect.stringContaining('Prompt is empty'),
    ]);
  });

  test('a failed item has its outcome for the next node', async () => {
    await using vendor = await startVendor(refusesBad);
    const ran = await runWorkflow(vendor, workflow(), { input: INPUT });
    expect(ran.output('Bad').map(({ json }) => json['outcome'])).toEqual(['not_billed', 'not_billed']);
  });

  test('a billed image that was not downloaded keeps its URL there', async () => {
    await using vendor = await startVendor({ download: () => (response) => void response.writeHead(403).end() });
    const ran = await runWorkflow(vendor, chain(wanImage({}, { onError: 'continueErrorOutput' })));
    expect(ran.output(NODE, 0)).toEqual([]);
    expect(factsOf(ran.output(NODE, 1)[0]!)).toMatchObject({ url: `${vendor.url}/images/0`, outcome: 'billed' });
  });
});

describe('when the workflow stops at the first error', () => {
  test('the error names the item and has the URLs of images billed before', async () => {
    await using vendor = await startVendor(refusesBad);
    const error = errorOf(await run(vendor, PARAMETERS, { input: [INPUT[0]!, INPUT[2]!, INPUT[1]!] }));
    expect(error).toMatchObject({ message: 'No. Change the request. [item 2]', context: { itemIndex: 2 } });
    expect(error.description).toContain('3 images were generated and billed for 2 items before that');
    expect(error.description).toContain('On Error');
    const url = (index: number): string => `${vendor.url}/images/${index}`;
    expect(error.context!['images']).toMatchObject([
      { item: 0, url: url(0) },
      { item: 1, url: url(0) },
      { item: 1, url: url(1) },
    ]);
  });

  test('the error mentions no images where none were billed', async () => {
    await using vendor = await startVendor(refusesBad);
    const error = errorOf(await run(vendor, PARAMETERS, { input: [INPUT[1]!] }));
    expect(error.description).not.toContain('generated and billed');
  });

  test('no further request is sent', async () => {
    await using vendor = await startVendor(refusesBad);
    await run(vendor, PARAMETERS, { input: [INPUT[1]!, INPUT[0]!, INPUT[2]!] });
    expect(vendor.posts).toHaveLength(1);
  });

  test('requests in flight are awaited, and count as billed', async () => {
    await using vendor = await startVendor({
      generate: (request) => {
        if (request.body.includes('"bad"')) return refusesBad.generate!(request);
        return async (response) => {
          await new Promise((resolve) => setTimeout(resolve, 150));
          response.writeHead(200).end(JSON.stringify({ data: [{ url: `${request.url}/images/7` }] }));
        };
      },
    });
    const parameters = { ...PARAMETERS, options: { concurrency: 2 } };
    const error = errorOf(await run(vendor, parameters, { input: [INPUT[0]!, INPUT[1]!, INPUT[4]!] }));
    expect(error.context!['images']).toMatchObject([{ item: 0, url: `${vendor.url}/images/7` }]);
    expect(vendor.posts).toHaveLength(2);
  });
});
