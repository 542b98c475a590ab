import { eventually } from '@wan-image/testing/eventually';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startCuttable } from '../support/cuttable.ts';
import { cutEvery, startSlowHistory, type HistoryRecord, type SlowHistory } from '../support/n8n/history-behind.ts';
import type { JsonObject } from '../support/n8n/types.ts';
import { API_KEY, errorOf, NODE, workbench } from '../support/n8n/wan-image.ts';

/** A generation of a history service does not depend on the connection that waits for it. */

const { run, engine } = workbench();

/** With E2E_FULL=1 the proxy allows 60 s, and the generation takes 3 minutes; otherwise both are thirty times as short. */
const SCALE = process.env['E2E_FULL'] === '1' ? 1 : 1 / 30;
const PROXY_MS = 60_000 * SCALE;
const GENERATION_MS = 180_000 * SCALE;

const QUICK = { size: '1K', thinkingMode: false };

let history: SlowHistory & AsyncDisposable;
beforeAll(async () => {
  history = await startSlowHistory(1, API_KEY);
});
afterAll(() => history[Symbol.asyncDispose]());

/** Parameters of a generation whose upstream takes so long. */
function taking(ms: number, more: JsonObject = {}): JsonObject {
  return { ...QUICK, prompt: `花 [[simulate delay=${ms}]]`, ...more };
}

/** What a test adds: the images that were billed, and the records, newest first. */
async function watch(): Promise<
  () => Promise<{ readonly billed: number; readonly records: readonly HistoryRecord[] }>
> {
  const billedBefore = history.upstream.totals.billed_images;
  const known = new Set((await history.records()).map(({ id }) => id));
  return async () => ({
    billed: history.upstream.totals.billed_images - billedBefore,
    records: (await history.records()).filter(({ id }) => !known.has(id)),
  });
}

test.each(['both', 'binary', 'url'])(
  'a proxy that cuts every connection does not cost the image: it arrives, billed once (output %s)',
  async (output) => {
    const added = await watch();
    await using proxy = await startCuttable(history.service.url);
    await using _cutting = cutEvery(proxy, PROXY_MS);
    const ran = await run(proxy, taking(GENERATION_MS, { output }));
    expect(ran.error?.message).toBeUndefined();
    const [item] = ran.output(NODE);
    expect(item!.json).toMatchObject({ width: 1024, height: 1024 });
    expect(item!.json['url']).toContain('http://history.invalid');
    if (output !== 'url') {
      const bytes = await (await engine()).bytes(item!.binary!['data']!);
      expect(bytes.subarray(1, 4).toString()).toBe('PNG');
    }
    expect(await added()).toMatchObject({ billed: 1, records: [{ state: 'succeeded', outcome: 'billed' }] });
  },
  400_000,
);

test('a timeout names the generation, which Get returns later, billed once', async () => {
  const added = await watch();
  const error = errorOf(await run(history.service, taking(4_000, { options: { timeout: 1 } })));
  const { id } = (await added()).records[0]!;
  expect(error.message).toContain(id);
  expect(error.description).toContain('Get');
  expect(error.errorResponse).toMatchObject({ kind: 'timed_out', outcome: 'unknown', generation_id: id });
  const generation = { __rl: true, mode: 'id', value: id };
  const found = await run(history.service, { resource: 'generation', operation: 'get', generation, wait: 60 });
  expect(found.output(NODE)[0]!.json).toMatchObject({ id, state: 'succeeded' });
  const files = await run(history.service, { resource: 'generation', operation: 'downloadImages', generation });
  expect(files.output(NODE)[0]!.binary).toHaveProperty('data');
  expect((await added()).billed).toBe(1);
});

test('Retry On Fail after a timeout waits for the same generation', async () => {
  const added = await watch();
  const node = { retryOnFail: true, maxTries: 5, waitBetweenTries: 1 };
  const ran = await run(history.service, taking(3_000, { options: { timeout: 1 } }), { node });
  expect(ran.error?.message).toBeUndefined();
  expect(ran.output(NODE)).toHaveLength(1);
  const { billed, records } = await added();
  expect([billed, records.length]).toEqual([1, 1]);
});

describe('a generation whose execution is stopped', () => {
  test.each([
    ['is canceled', 'cancel', 'canceled', 120_000],
    ['goes on where the option says so', 'finish', 'succeeded', 5_000],
  ])('%s', async (_what, onStop, state, ms) => {
    const added = await watch();
    const stop = new AbortController();
    const running = run(history.service, taking(ms, { options: { onStop } }), { signal: stop.signal });
    await eventually(async () => expect((await added()).records).toMatchObject([{ state: 'running' }]), 30_000);
    stop.abort();
    expect((await running).status).not.toBe('success');
    await eventually(async () => expect((await added()).records).toMatchObject([{ state }]), 30_000);
  });
});

test('what fails upstream is an error as without the history, and is sent once', async () => {
  const failing = async (directive: string) => {
    const requests = history.upstream.totals.calls;
    const error = errorOf(await run(history.service, { ...QUICK, prompt: `花 [[simulate ${directive}]]` }));
    expect(history.upstream.totals.calls - requests).toBe(1);
    return error;
  };
  expect(await failing('status=402 code=insufficient_user_quota')).toMatchObject({
    httpCode: '402',
    errorResponse: { kind: 'out_of_credit', outcome: 'not_billed' },
    description: expect.stringContaining('Nothing was billed') as string,
  });
  expect(await failing('status=500')).toMatchObject({ errorResponse: { kind: 'server_failed', outcome: 'unknown' } });
  expect(await failing('status=400 code=DataInspectionFailed')).toMatchObject({
    errorResponse: { kind: 'content_refused', outcome: 'not_billed' },
  });
});
