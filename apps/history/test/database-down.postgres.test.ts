import type { GenerationList } from '@wan-image/core';
import { describe, expect, test } from 'vitest';
import { openDatabaseProxy } from './support/database-proxy.ts';
import { onDatabase } from './support/on-database.ts';
import { fetchStreaming, generate, get, imageAt, recordOf, send } from './support/requests.ts';
import {
  openHistory,
  openTestData,
  runHistory,
  runSimulator,
  upstreamAt,
  type TestData,
} from './support/test-history.ts';

const model = 'wan2.7-image';

const breakTable = (testData: TestData): Promise<unknown> =>
  onDatabase(testData, 'alter table generation rename to gone');
const mendTable = (testData: TestData): Promise<unknown> =>
  onDatabase(testData, 'alter table gone rename to generation');

/** Ends the generation as another replica does that considers this one dead. */
const interrupted = `update generation set state = 'failed', outcome = 'unknown', finished_at = now(),
  error = '{"type":"server_error","code":"interrupted","message":"m","param":null}'`;

describe('while the database is down', () => {
  test('a new request is rejected before it is sent, and its prompt does not flood the log', async () => {
    await using history = await openHistory();
    await breakTable(history.testData);
    const response = await generate(history.url, { model, prompt: '花'.repeat(5000), size: '1K' });
    expect([response.status, response.body.error.code]).toEqual([503, 'not_recorded']);
    expect(history.simulator.totals.calls).toBe(0);
    const lines = history.logs.join('').trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toContain('a request could not be recorded');
    expect(history.logs.join('')).not.toContain('花'.repeat(3000));
  });

  test('a billed response reaches the client, and the history once the database is back', async () => {
    await using history = await openHistory();
    const responding = generate(history.url, { model, prompt: '慢 [[simulate delay=800]]', size: '1K' });
    await expect.poll(() => history.simulator.totals.calls).toBe(1);
    await breakTable(history.testData);
    const response = await responding;
    expect(response.status).toBe(200);
    expect(response.body.data[0]?.url).toContain(history.simulator.url);
    await mendTable(history.testData);
    await history.close();
    await using again = await runHistory(history.testData, upstreamAt(history.simulator.url));
    const record = await recordOf(again.url, response);
    expect(record).toMatchObject({ state: 'succeeded', outcome: 'billed', images: [{ state: 'pending' }] });
    expect(await imageAt(record.images[0]?.url ?? '')).toBe('png 1024x1024');
  });

  test('a database session closed by the server does not end the service', async () => {
    await using history = await openHistory();
    await onDatabase(
      history.testData,
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
    );
    await expect
      .poll(async () => (await generate(history.url, { model, prompt: '还在', size: '1K' })).status)
      .toBe(200);
  });
});

/** The last message of a session that the server closes. */
function farewell(): Buffer {
  const fields = Buffer.from('SFATAL\0VFATAL\0C57P01\0Mterminating connection due to administrator command\0\0');
  const head = Buffer.alloc(5);
  head.write('E');
  head.writeInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, fields]);
}

/** The messages up to ready-for-query. */
const READY = Buffer.from([0x5a, 0, 0, 0, 5, 0x49]);

/** A proxy for the database; on demand, the next session closes in the same packet in which it starts. */
async function openGuard(databaseUrl: string) {
  const state = { ends: false, ended: 0 };
  const proxy = await openDatabaseProxy(databaseUrl, () => {
    let isReady = false;
    return {
      onResponse: (packet, client, server) => {
        const isFirst = !isReady && packet.includes(READY);
        isReady ||= isFirst;
        if (isFirst && state.ends) {
          state.ended++;
          server.destroy();
          client.end(Buffer.concat([packet, farewell()]));
        } else client.write(packet);
      },
    };
  });
  return { ...proxy, state };
}

test('a database session that closes while it starts does not end the service', async () => {
  await using testData = await openTestData();
  await using simulator = await runSimulator();
  using guard = await openGuard(testData.environment['DATABASE_URL'] ?? '');
  await using history = await runHistory(testData, { ...upstreamAt(simulator.url), DATABASE_URL: guard.url });
  guard.state.ends = true;
  const many = Array.from({ length: 12 }, () => get(history.url, '/v1/generations'));
  expect((await Promise.all(many)).map(({ status }) => status)).toContain(503);
  expect(guard.state.ended).toBeGreaterThan(0);
  guard.state.ends = false;
  expect((await generate(history.url, { model, prompt: '还在', size: '1K' })).status).toBe(200);
});

test('an outcome that arrives after another replica expired the generation replaces the interrupted one', async () => {
  await using history = await openHistory();
  const responding = generate(history.url, { model, prompt: '慢 [[simulate delay=800]]', size: '1K' });
  await expect.poll(() => history.simulator.totals.calls).toBe(1);
  await onDatabase(history.testData, interrupted);
  const response = await responding;
  expect(await recordOf(history.url, response)).toMatchObject({ state: 'succeeded', outcome: 'billed', error: null });
  expect(await imageAt(response.body.data[0]?.url ?? '')).toBe('png 1024x1024');
});

test('a settled outcome of an interrupted generation is not overwritten by a later unknown one', async () => {
  await using history = await openHistory();
  const body = { model, prompt: '断 [[simulate status=500 delay=800]]', size: '1K' };
  const responding = generate(history.url, body);
  await expect.poll(() => history.simulator.totals.calls).toBe(1);
  await onDatabase(history.testData, interrupted);
  const { data } = (await get<GenerationList>(history.url, '/v1/generations')).body;
  const resolved = await send(`${history.url}/v1/generations/${data[0]?.id}/resolve`, {
    method: 'POST',
    body: { outcome: 'not_billed' },
  });
  expect(resolved.status).toBe(200);
  const response = await responding;
  expect(response.status).toBe(500);
  expect(await recordOf(history.url, response)).toMatchObject({ state: 'failed', outcome: 'not_billed' });
});

test('if it is unknown whether a request was enqueued, the error says so, with its id', async () => {
  await using history = await openHistory();
  await onDatabase(
    history.testData,
    `create function break_off() returns trigger language plpgsql as
       $$ begin perform pg_terminate_backend(pg_backend_pid()); return null; end $$;
     create constraint trigger break_off after insert on generation deferrable initially deferred
       for each row execute function break_off()`,
  );
  const response = await generate(history.url, { model, prompt: '稍后', size: '1K' }, { prefer: 'respond-async' });
  expect(response.status).toBe(500);
  expect(response.headers.get('x-should-retry')).toBe('false');
  expect((await get(history.url, `/v1/generations/${response.headers.get('x-generation-id')}`)).status).toBe(404);
});

describe('while records cannot be read', () => {
  const breakImages = (testData: TestData): Promise<unknown> =>
    onDatabase(testData, 'alter table generation_image rename to gone_image');
  const mendImages = (testData: TestData): Promise<unknown> =>
    onDatabase(testData, 'alter table gone_image rename to generation_image');

  test('the error names the enqueued generation, and says not to send it again', async () => {
    await using history = await openHistory();
    await breakImages(history.testData);
    const response = await generate(history.url, { model, prompt: '稍后', size: '1K' }, { prefer: 'respond-async' });
    await mendImages(history.testData);
    expect(response.status).toBe(500);
    expect(response.headers.get('x-should-retry')).toBe('false');
    const id = response.headers.get('x-generation-id');
    expect((await get(history.url, `/v1/generations/${id}?wait=20`)).body).toMatchObject({ state: 'succeeded' });
    expect(history.simulator.totals.calls).toBe(1);
  });

  test('an SDK retry after a disconnect is not generated again', async () => {
    await using history = await openHistory();
    const going = new AbortController();
    const request = { model, prompt: '断线 [[simulate delay=300]]', size: '1K' };
    const responding = fetchStreaming(`${history.url}/v1/images/generations`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(request),
      signal: going.signal,
    });
    await expect.poll(() => history.simulator.totals.calls).toBe(1);
    going.abort();
    await expect(responding).rejects.toMatchObject({ name: 'AbortError' });
    await expect
      .poll(async () => (await get<GenerationList>(history.url, '/v1/generations')).body.data[0]?.images)
      .toMatchObject([{ state: 'stored' }]);
    const again = { 'x-stainless-retry-count': '1' };
    await breakImages(history.testData);
    expect((await generate(history.url, request, again)).status).toBe(503);
    await mendImages(history.testData);
    const response = await generate(history.url, request, { 'x-stainless-retry-count': '2' });
    expect([response.status, response.headers.get('idempotent-replayed')]).toEqual([200, 'true']);
    expect(history.simulator.totals.calls).toBe(1);
  });
});
