import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { fails, SMALL, startVendor, type Vendor } from '../support/n8n/vendor.ts';
import { editOf, NODE, startQuickSimulator, urlRow, workbench } from '../support/n8n/wan-image.ts';
import { eventually } from '@wan-image/testing/eventually';
import type { Run } from '../support/n8n/execute.ts';

/** Several items at once, and the end of all of it: research/n8n.md section 3, defect 7; section 4 (cancel); section 6, points 20 and 21. */

const { run } = workbench();

const inputOf = (count: number): { json: { index: number } }[] =>
  Array.from({ length: count }, (_, index) => ({ json: { index } }));
const PARAMETERS = { prompt: '=number {{ $json.index }}', output: 'url' };

/** Takes its time, another for each request, and answers with a URL that tells the prompt. */
async function startSlow(): Promise<Vendor & AsyncDisposable> {
  return startVendor({
    generate:
      ({ body, url, count }) =>
      async (response) => {
        const { prompt } = JSON.parse(body) as { prompt: string };
        await sleep(((count * 37) % 5) * 20 + 5);
        response.writeHead(200).end(JSON.stringify({ data: [{ url: `${url}/${prompt.replace(' ', '-')}/0` }] }));
      },
  });
}

describe('the Concurrency option', () => {
  test('is 1 unless told otherwise: one request after the other', async () => {
    await using vendor = await startSlow();
    await run(vendor, PARAMETERS, { input: inputOf(4) });
    expect(vendor.mostAtOnce).toBe(1);
    expect(vendor.bodies.map(({ prompt }) => prompt)).toEqual([0, 1, 2, 3].map((index) => `number ${index}`));
  });

  test.each([2, 5])('of %i sends so many at once and no more, and keeps the order', async (concurrency) => {
    await using vendor = await startSlow();
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

  test('works for edits too', async () => {
    await using vendor = await startSlow();
    const parameters = editOf([urlRow('https://example.com/a.png')], { ...PARAMETERS, options: { concurrency: 3 } });
    await run(vendor, parameters, { input: inputOf(6) });
    expect(vendor.mostAtOnce).toBe(3);
  });
});

interface Cancelled {
  readonly run: Run;
  /** From the cancel to the end of the execution. */
  readonly ms: number;
}

/** Runs, and cancels as soon as something holds. */
async function cancelled(start: (signal: AbortSignal) => Promise<Run>, when: () => void): Promise<Cancelled> {
  const stop = new AbortController();
  const running = start(stop.signal);
  await eventually(when, 5_000);
  const at = Date.now();
  stop.abort();
  const ended = await running;
  return { run: ended, ms: Date.now() - at };
}

describe('cancelling an execution', () => {
  test.each([1, 3])(
    'in the middle of 10 items (concurrency %i) stops new requests within a second',
    async (concurrency) => {
      await using simulator = await startQuickSimulator();
      const parameters = {
        prompt: '=花 {{ $json.index }} [[simulate delay=150]]',
        size: '1K',
        output: 'url',
        options: { concurrency },
      };
      const { run: ended, ms } = await cancelled(
        (signal) => run(simulator, parameters, { input: inputOf(10), signal }),
        () => expect(simulator.totals.billed_images).toBeGreaterThanOrEqual(3),
      );
      const { calls } = simulator.totals;
      expect(calls).toBeLessThan(10);
      expect(ms).toBeLessThan(1_000);
      expect(ended.status).not.toBe('success');
      await sleep(600);
      expect(simulator.totals.calls).toBe(calls);
    },
  );

  test('while an answer is waited for ends at once, and closes the connection', async () => {
    let closed = false;
    await using vendor = await startVendor({
      generate: () => (response) => void response.on('close', () => (closed = true)),
    });
    const { ms } = await cancelled(
      (signal) => run(vendor, PARAMETERS, { input: inputOf(3), signal }),
      () => expect(vendor.posts).toHaveLength(1),
    );
    expect(ms).toBeLessThan(1_000);
    await eventually(() => expect(closed).toBe(true), 1_000);
    expect(vendor.posts).toHaveLength(1);
  });

  test('while a retry pauses for half a minute ends at once, and sends nothing more', async () => {
    await using vendor = await startVendor({
      generate: () => fails(429, { message: 'Slower.' }, { 'retry-after': '30' }),
    });
    const { ms } = await cancelled(
      (signal) => run(vendor, PARAMETERS, { input: inputOf(3), signal }),
      () => expect(vendor.posts).toHaveLength(1),
    );
    expect(ms).toBeLessThan(1_000);
    await sleep(300);
    expect(vendor.posts).toHaveLength(1);
  });

  test.each(['both', 'binary', 'url'])(
    'while an image arrives ends at once, and closes the connection (output %s)',
    async (output) => {
      let closed = false;
      let begun = false;
      const text = JSON.stringify({ data: [{ b64_json: SMALL.toString('base64') }] });
      await using vendor = await startVendor({
        ...(output === 'binary' && {
          generate: () => (response) => {
            response.on('close', () => (closed = true));
            response.writeHead(200, { 'content-length': text.length });
            response.write(text.slice(0, -400), () => (begun = true));
          },
        }),
        download: () => (response) => {
          response.on('close', () => (closed = true));
          response.writeHead(200, { 'content-type': 'image/png', 'content-length': SMALL.length });
          // Less than tells its measures.
          response.write(SMALL.subarray(0, output === 'url' ? 10 : 500), () => (begun = true));
        },
      });
      const { ms, run: ended } = await cancelled(
        (signal) => run(vendor, { prompt: 'x', output }, { input: inputOf(3), signal }),
        () => expect(begun).toBe(true),
      );
      expect(ms).toBeLessThan(1_000);
      expect(ended.status).not.toBe('success');
      await eventually(() => expect(closed).toBe(true), 1_000);
      expect(vendor.posts).toHaveLength(1);
    },
  );
});
