import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '@wan-image/testing/eventually';
import { sendJson } from '@wan-image/testing/http-server';
import { describe, expect, test } from 'vitest';
import type { Run } from '../support/n8n/execute.ts';
import { fails, SMALL, startVendor, type Vendor } from '../support/n8n/vendor.ts';
import { editOf, NODE, urlRow, workbench } from '../support/n8n/wan-image.ts';

/** Several items at once, and canceling them. */

const { run } = workbench();

const inputOf = (count: number): { json: { index: number } }[] =>
  Array.from({ length: count }, (_, index) => ({ json: { index } }));
const PARAMETERS = { prompt: '=number {{ $json.index }}', output: 'url' };

/**
 * Holds the responses until `together` of `total` requests are in flight, then sends them last in, first out. With fewer at once the
 * run never ends. Each URL holds the prompt.
 */
async function startHolding(concurrent: number, total: number): Promise<Vendor & AsyncDisposable> {
  const held: (() => void)[] = [];
  let ended = 0;
  return startVendor({
    generate:
      ({ body, url }) =>
      async (response) => {
        const { prompt } = JSON.parse(body) as { prompt: string };
        held.push(() => sendJson(response, 200, { data: [{ url: `${url}/${prompt.replace(' ', '-')}/0` }] }));
        if (held.length < Math.min(concurrent, total - ended)) return;
        // Time for a request too many to arrive and be counted.
        await sleep(50);
        for (const respond of held.splice(0).toReversed()) {
          ended++;
          respond();
        }
      },
  });
}

describe('the Concurrency option', () => {
  test('is 1 by default: one request after the other', async () => {
    await using vendor = await startHolding(1, 4);
    await run(vendor, PARAMETERS, { input: inputOf(4) });
    expect(vendor.mostAtOnce).toBe(1);
    expect(vendor.bodies.map(({ prompt }) => prompt)).toEqual([0, 1, 2, 3].map((index) => `number ${index}`));
  });

  test.each([2, 5])('of %i sends so many requests at once and no more, and keeps the order', async (concurrency) => {
    await using vendor = await startHolding(concurrency, 12);
    const ran = await run(vendor, { ...PARAMETERS, options: { concurrency } }, { input: inputOf(12) });
    expect(vendor.mostAtOnce).toBe(concurrency);
    expect(ran.output(NODE).map(({ json }) => json['url'])).toEqual(
      inputOf(12).map(({ json }) => `${vendor.url}/number-${json.index}/0`),
    );
    expect(ran.output(NODE).map(({ pairedItem }) => pairedItem)).toEqual(inputOf(12).map((_, item) => ({ item })));
  });

  test('keeps each error with its own item', async () => {
    await using vendor = await startVendor({
      generate: ({ body }) => (/number [147]/.test(body) ? fails(400, { message: 'No.' }) : undefined),
    });
    const parameters = { ...PARAMETERS, options: { concurrency: 4 } };
    const ran = await run(vendor, parameters, { input: inputOf(9), node: { onError: 'continueRegularOutput' } });
    expect(ran.output(NODE).map(({ json }) => 'error' in json)).toEqual(
      inputOf(9).map(({ json }) => [1, 4, 7].includes(json.index)),
    );
  });

  test('applies to edits too', async () => {
    await using vendor = await startHolding(3, 6);
    const parameters = editOf([urlRow('https://example.com/a.png')], { ...PARAMETERS, options: { concurrency: 3 } });
    await run(vendor, parameters, { input: inputOf(6) });
    expect(vendor.mostAtOnce).toBe(3);
  });
});

/** Starts a run and cancels it as soon as `when` holds. */
async function canceled(start: (signal: AbortSignal) => Promise<Run>, when: () => void): Promise<Run> {
  const stop = new AbortController();
  const running = start(stop.signal);
  await eventually(when);
  stop.abort();
  return running;
}

/** A run is over before everything that comes later: whatever the canceled run still sends arrives before this one ends. */
async function expectNothingMoreSent(vendor: Vendor, posts: number): Promise<void> {
  await run(vendor, { prompt: 'afterwards', output: 'url' });
  expect(vendor.posts).toHaveLength(posts + 1);
}

// The vendor never sends the rest of what these tests wait for, so a run that ends has been canceled.
describe('canceling an execution', () => {
  test.each([1, 3])('in the middle of 10 items (concurrency %i) sends no further request', async (concurrency) => {
    let holds = true;
    await using vendor = await startVendor({
      generate: ({ count }) => (holds && count > 3 ? () => undefined : undefined),
    });
    const ended = await canceled(
      (signal) => run(vendor, { ...PARAMETERS, options: { concurrency } }, { input: inputOf(10), signal }),
      () => expect(vendor.posts).toHaveLength(3 + concurrency),
    );
    expect(ended.status).not.toBe('success');
    holds = false;
    await expectNothingMoreSent(vendor, 3 + concurrency);
  });

  test('while the service works ends the run and closes the connection', async () => {
    const open: ServerResponse[] = [];
    await using vendor = await startVendor({
      generate: ({ count }) => (count === 1 ? (response) => void open.push(response) : undefined),
    });
    await canceled(
      (signal) => run(vendor, PARAMETERS, { input: inputOf(3), signal }),
      () => expect(open).toHaveLength(1),
    );
    await eventually(() => expect(open[0]!.closed).toBe(true));
    await expectNothingMoreSent(vendor, 1);
  });

  test('during the pause before a retry ends the run without that retry', async () => {
    await using vendor = await startVendor({
      generate: ({ count }) => (count === 1 ? fails(429, { message: 'Slower.' }, { 'retry-after': '30' }) : undefined),
    });
    const ended = await canceled(
      (signal) => run(vendor, PARAMETERS, { input: inputOf(3), signal }),
      () => expect(vendor.posts).toHaveLength(1),
    );
    expect(ended.status).not.toBe('success');
    await expectNothingMoreSent(vendor, 1);
  });

  test.each(['both', 'binary', 'url'])(
    'while an image arrives ends the run and closes the connection (output %s)',
    async (output) => {
      const open: ServerResponse[] = [];
      let hasArrived = false;
      const text = JSON.stringify({ data: [{ b64_json: SMALL.toString('base64') }] });
      const partly = (response: ServerResponse, type: string, body: string | Buffer, bytes: number): void => {
        open.push(response);
        response.writeHead(200, { 'content-type': type, 'content-length': body.length });
        response.write(body.slice(0, bytes), () => (hasArrived = true));
      };
      await using vendor = await startVendor({
        generate: ({ count }) =>
          output === 'binary' && count === 1
            ? (response) => partly(response, 'application/json', text, text.length - 400)
            : undefined,
        // For a URL, fewer bytes than the header that the node reads.
        download: ({ count }) =>
          count === 1 ? (response) => partly(response, 'image/png', SMALL, output === 'url' ? 10 : 500) : undefined,
      });
      const ended = await canceled(
        (signal) => run(vendor, { prompt: 'x', output }, { input: inputOf(3), signal }),
        () => expect(hasArrived).toBe(true),
      );
      expect(ended.status).not.toBe('success');
      await eventually(() => expect(open[0]!.closed).toBe(true));
      await expectNothingMoreSent(vendor, 1);
    },
  );
});
