import type { GenerationList, GenerationRecord } from '@wan-image/core';
import { sendJson, startTestServer } from '@wan-image/testing/http-server';
import { encodeImage } from '@wan-image/testing/images';
import { expect, test } from 'vitest';
import { onDatabase } from './support/on-database.ts';
import { fetchChecked, generate, get, recordOf } from './support/requests.ts';
import { openHistory, openTestData, runHistory, runSimulator, upstreamAt } from './support/test-history.ts';

const request = { model: 'wan2.7-image', prompt: '大', size: '1K' };
const large = { ...request, small: { hex: '#fff' }, notes: 'x'.repeat(500_000), palette: ['#000'] };

/** The bytes of what is stored of the requests. */
async function storedBytes(testData: Parameters<typeof onDatabase>[0]): Promise<unknown> {
  const sql = `select octet_length(request::text) as request, octet_length(kept_request::text) as kept from generation`;
  return onDatabase(testData, sql);
}

test('of parameters that nobody defined, the upstream gets all and the record keeps 64 KiB', async () => {
  await using history = await openHistory();
  const response = await generate(history.url, large, { 'idempotency-key': 'one' });
  expect(history.simulator.calls[0]?.body).toMatchObject({ small: large.small, notes: large.notes });
  const record = await recordOf(history.url, response);
  expect(record).toMatchObject({ cut: ['notes'], request: { ...request, small: large.small, palette: ['#000'] } });
  expect(record.request).not.toHaveProperty('notes');
  expect(await storedBytes(history.testData)).toEqual([
    { request: expect.toSatisfy((length: number) => length < 1000), kept: null },
  ]);
  // The fingerprint is that of the whole request.
  expect((await generate(history.url, large, { 'idempotency-key': 'one' })).body).toEqual(response.body);
  const other = { ...large, notes: `${large.notes}y` };
  expect((await generate(history.url, other, { 'idempotency-key': 'one' })).status).toBe(422);
  expect(history.simulator.totals.calls).toBe(1);
});

test('a request that waits is sent complete by the next process, and its record is cut when it has ended', async () => {
  await using simulator = await runSimulator();
  await using testData = await openTestData();
  const environment = { ...upstreamAt(simulator.url), UPSTREAM_CONCURRENCY: '1' };
  const first = await runHistory(testData, environment);
  const busy = generate(first.url, { ...request, prompt: '忙 [[simulate delay=5000]]' });
  await expect.poll(() => simulator.calls.length).toBe(1);
  const queued = (await generate(first.url, large, { prefer: 'respond-async' })).body as unknown as GenerationRecord;
  // The record says from the start what it will keep.
  expect(queued).toMatchObject({ state: 'queued', cut: ['notes'], request: { small: large.small } });
  expect(queued.request).not.toHaveProperty('notes');
  await first.close();
  await busy;
  expect(simulator.calls).toHaveLength(1);
  await using next = await runHistory(testData, environment);
  const ended = await get<GenerationRecord>(next.url, `/v1/generations/${queued.id}?wait=30`);
  expect(ended.body).toMatchObject({ state: 'succeeded', cut: ['notes'], request: queued.request });
  expect(simulator.calls.slice(1)).toMatchObject([{ body: { notes: large.notes, small: large.small } }]);
  const bytes = { request: expect.toSatisfy((length: number) => length < 1000), kept: null };
  expect(await storedBytes(testData)).toEqual([bytes, bytes]);
});

test('a queued request that is canceled keeps no more than others', async () => {
  await using history = await openHistory({ UPSTREAM_CONCURRENCY: '1' });
  const cancel = (id: string): Promise<Response> =>
    fetchChecked(`${history.url}/v1/generations/${id}/cancel`, { method: 'POST' });
  const slow = { ...request, prompt: '忙 [[simulate delay=60000]]' };
  const busy = (await generate(history.url, slow, { prefer: 'respond-async' })).body as unknown as GenerationRecord;
  await expect.poll(() => history.simulator.calls.length).toBe(1);
  const { id } = (await generate(history.url, large, { prefer: 'respond-async' })).body as unknown as GenerationRecord;
  const bytes = `select octet_length(request::text) as bytes from generation where id = '${id}'`;
  const [whole] = (await onDatabase(history.testData, bytes)) as { bytes: number }[];
  expect(whole?.bytes).toBeGreaterThan(500_000);
  await cancel(id);
  const record = (await get<GenerationRecord>(history.url, `/v1/generations/${id}`)).body;
  expect(record).toMatchObject({ state: 'canceled', outcome: 'not_billed', cut: ['notes'] });
  const [kept] = (await onDatabase(history.testData, bytes)) as { bytes: number }[];
  expect(kept?.bytes).toBeLessThan(1000);
  await cancel(busy.id);
});

test('of what the upstream sends beyond the contract, the client gets all and the record keeps 64 KiB', async () => {
  const png = await encodeImage({ format: 'png', width: 300, height: 200 });
  const revised = '改'.repeat(30_000);
  const extra = { usage: { image_count: 1 }, trace: 'x'.repeat(300_000) };
  await using upstream = await startTestServer((_received, response) => {
    const data = [{ b64_json: png.toString('base64'), revised_prompt: revised }];
    sendJson(response, 200, { created: 1, data, ...extra });
  });
  await using testData = await openTestData();
  await using history = await runHistory(testData, upstreamAt(upstream.url));
  const response = await generate(history.url, request);
  expect(response.body).toMatchObject({ ...extra, data: [{ revised_prompt: revised }] });
  const record = await recordOf(history.url, response);
  expect(record.upstream).toMatchObject({ extra: { usage: { image_count: 1 } }, extra_cut: ['trace'] });
  expect(record.images).toMatchObject([
    { revised_prompt: '改'.repeat(20_000), warning: expect.stringContaining('has 30000 characters') },
  ]);
});

test('the names in an error of the upstream are bounded, in the response and in the record', async () => {
  const long = 'name '.repeat(100_000);
  await using upstream = await startTestServer((_received, response) => {
    const error = { message: long, type: long, code: long, param: long };
    sendJson(response, 400, { error, request_id: long }, { 'content-type': 'application/json' });
  });
  await using testData = await openTestData();
  await using history = await runHistory(testData, upstreamAt(upstream.url));
  const response = await generate(history.url, request);
  const short = long.slice(0, 200);
  expect(response.body.error).toMatchObject({ code: short, type: short, param: short });
  const record = await recordOf(history.url, response);
  expect([record.state, record.upstream.request_id?.length]).toEqual(['failed', 200]);
  expect(JSON.stringify(record).length).toBeLessThan(64 * 1024);
});

/** Records of 600 KB, as earlier versions kept them. */
async function insertLarge(testData: Parameters<typeof onDatabase>[0], count: number): Promise<void> {
  await onDatabase(
    testData,
    `insert into generation (id, state, outcome, source, model, prompt, request, dropped, created_at, finished_at)
     select (lpad(to_hex((extract(epoch from now()) * 1000)::bigint), 12, '0') || '7000' || '8000' || lpad(to_hex(n), 12, '0'))::uuid,
       'succeeded', 'billed', 'api', 'wan2.7-image', '大', jsonb_build_object('notes', repeat('花', 200000)), '[]', now(), now()
     from generate_series(1, ${count}) as n`,
  );
}

test('a page of large records ends at 8 MiB, and its pages have each record once', async () => {
  await using history = await openHistory();
  await insertLarge(history.testData, 40);
  await generate(history.url, request);
  const ids: string[] = [];
  const sizes: number[] = [];
  let query = 'limit=100';
  for (;;) {
    const response = await fetchChecked(`${history.url}/v1/generations?${query}`);
    const text = await response.text();
    const page = JSON.parse(text) as GenerationList;
    sizes.push(Buffer.byteLength(text));
    ids.push(...page.data.map(({ id }) => id));
    expect([page.has_more, page.next_cursor]).toEqual(page.has_more ? [true, expect.any(String)] : [false, null]);
    if (!page.has_more) break;
    query = `limit=100&cursor=${page.next_cursor}`;
  }
  expect(ids).toHaveLength(41);
  expect(ids).toEqual([...new Set(ids)].toSorted().toReversed());
  for (const size of sizes) expect(size).toBeLessThanOrEqual(8 * 1024 * 1024);
  // As full as they can be.
  for (const size of sizes.slice(0, -1)) expect(size).toBeGreaterThan(7 * 1024 * 1024);
});

test('the head of a page of large records has the fields of its body, and costs no body', async () => {
  await using history = await openHistory();
  await insertLarge(history.testData, 10);
  const response = await fetchChecked(`${history.url}/v1/generations`, { method: 'HEAD' });
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/json; charset=utf-8']);
  expect(await response.text()).toBe('');
});

test('a filter pages large records too', async () => {
  await using history = await openHistory();
  await insertLarge(history.testData, 20);
  await onDatabase(history.testData, `update generation set source = 'shop'`);
  await generate(history.url, request);
  const page = (await get<GenerationList>(history.url, '/v1/generations?source=shop&limit=100')).body;
  expect([page.data.length, page.has_more]).toEqual([13, true]);
  const rest = await get<GenerationList>(
    history.url,
    `/v1/generations?source=shop&limit=100&cursor=${page.next_cursor}`,
  );
  expect([rest.body.data.length, rest.body.has_more]).toEqual([7, false]);
});
