import type { GenerationRecord } from '@wan-image/core';
import { describe, expect, test } from 'vitest';
import { fetchChecked, generate, get, recordOf } from './support/requests.ts';
import { openHistory, openTestData, runHistory, runSimulator, upstreamAt } from './support/test-history.ts';

const request = { model: 'wan2.7-image', prompt: '排队', size: '1K' };
const later = { prefer: 'respond-async' };
const slow = (ms: number, prompt = '慢'): typeof request => ({
  ...request,
  prompt: `${prompt} [[simulate delay=${ms}]]`,
});

async function enqueue(base: string, body: unknown, headers: Record<string, string> = {}): Promise<GenerationRecord> {
  const response = await generate(base, body, { ...later, ...headers });
  expect(response.status).toBe(202);
  return response.body as unknown as GenerationRecord;
}

function record(base: string, id: string, query = ''): Promise<GenerationRecord> {
  return get<GenerationRecord>(base, `/v1/generations/${id}${query}`).then(({ body }) => body);
}

describe('Prefer: respond-async', () => {
  test('returns 202, Location and the record at once; the queue generates it once', async () => {
    await using history = await openHistory();
    const response = await generate(history.url, slow(300), later);
    expect(response.status).toBe(202);
    const { id, state, images } = response.body as unknown as GenerationRecord;
    expect(response.headers.get('location')).toBe(`/v1/generations/${id}`);
    expect(response.headers.get('preference-applied')).toBe('respond-async');
    expect({ state, images }).toEqual({ state: 'queued', images: [] });
    expect(await record(history.url, id, '?wait=20')).toMatchObject({ state: 'succeeded', outcome: 'billed' });
    expect(history.simulator.totals.calls).toBe(1);
  });

  test('a request that violates a rule is rejected before anything is recorded', async () => {
    await using history = await openHistory();
    const response = await generate(history.url, { ...request, n: 9 }, later);
    expect(response).toMatchObject({ status: 400, body: { error: { param: 'n' } } });
    expect((await get<{ data: unknown[] }>(history.url, '/v1/generations')).body.data).toEqual([]);
  });

  test('the same key returns the same generation; a different body gets 422', async () => {
    await using history = await openHistory();
    const key = { 'idempotency-key': 'k-1' };
    const first = await enqueue(history.url, request, key);
    const again = await generate(history.url, request, { ...later, ...key });
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(again.body).toMatchObject({ id: first.id });
    expect((await generate(history.url, { ...request, seed: 1 }, { ...later, ...key })).status).toBe(422);
    // Without the preference it waits for the same generation.
    const waited = await generate(history.url, request, key);
    expect(waited.status).toBe(200);
    expect(waited.headers.get('x-generation-id')).toBe(first.id);
    expect(history.simulator.totals.calls).toBe(1);
  });

  test('an edit is sent upstream with the stored images', async () => {
    await using history = await openHistory();
    const made = await recordOf(history.url, await generate(history.url, request));
    const bytes = Buffer.from(await (await fetchChecked(made.images[0]?.url ?? '')).arrayBuffer()).toString('base64');
    const image = [`data:image/png;base64,${bytes}`, 'https://images.example/b.png'];
    const { id } = await enqueue(history.url, { ...request, prompt: '改 图1 图2', image });
    expect(await record(history.url, id, '?wait=20')).toMatchObject({ state: 'succeeded' });
    expect(history.simulator.calls.at(-1)?.body).toMatchObject({
      prompt: '改 图1 图2',
      image: [expect.any(String), image[1]],
    });
  });

  test('a queued generation runs after a restart', async () => {
    await using testData = await openTestData();
    await using simulator = await runSimulator();
    const limits = { UPSTREAM_CONCURRENCY: '1', ...upstreamAt(simulator.url) };
    const first = await runHistory(testData, limits);
    await enqueue(first.url, slow(500));
    await expect.poll(() => simulator.totals.calls).toBe(1);
    const { id } = await enqueue(first.url, request);
    await first.close();
    await using second = await runHistory(testData, limits);
    expect(await record(second.url, id, '?wait=20')).toMatchObject({ state: 'succeeded' });
    expect(simulator.totals.calls).toBe(2);
  });
});
