import { setTimeout as sleep } from 'node:timers/promises';
import { createHistoryClient } from '@wan-image/core';
import { temporaryFolder } from '@wan-image/testing/folders';
import { createDatabase, startPostgres } from '@wan-image/testing/postgres';
import { expect, test } from 'vitest';
import { startService, startSimulatorProcess } from './support/service.ts';
import { simulatorCalls } from './support/simulator-calls.ts';

const KEYS = 250;
const TIMES_EACH = 2;
const AT_ONCE = 24;

interface SeenResponse {
  readonly key: number;
  readonly status: number;
  readonly text: string;
}

test('two replicas, every key sent twice, one replica killed halfway: each key is billed once, and both requests get the same response', async () => {
  await using resources = new AsyncDisposableStack();
  const postgres = resources.use(await startPostgres());
  const database = resources.use(await createDatabase(postgres.url));
  const images = resources.use(await temporaryFolder());
  const simulator = resources.use(await startSimulatorProcess(['--port', '0', '--latency', '150']));
  const start = async (): ReturnType<typeof startService> => {
    const folder = resources.use(await temporaryFolder());
    const shared = { DATABASE_URL: database.url, STORAGE_URL: `file://${images.path}`, LOG_LEVEL: 'error' };
    const upstream = { UPSTREAM_BASE_URL: simulator.url, UPSTREAM_API_KEY: 'k' };
    return resources.use(await startService({ ...shared, ...upstream, DATA_DIR: folder.path, PORT: '0' }));
  };
  const [survivor, victim] = [await start(), await start()];

  const sends = Array.from({ length: KEYS * TIMES_EACH }, (_, n) => n % KEYS).toSorted(() => Math.random() - 0.5);
  const responses: SeenResponse[] = [];
  const kills: Promise<unknown>[] = [];
  const send = async (key: number): Promise<void> => {
    for (let isFirst = true; ; isFirst = false) {
      const base = isFirst && Math.random() < 0.5 ? victim.url : survivor.url;
      try {
        const response = await fetch(`${base}/v1/images/generations`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'idempotency-key': `key-${key}` },
          body: JSON.stringify({
            model: 'wan2.7-image',
            prompt: `第${key}张`,
            size: '1K',
            seed: key,
            thinking_mode: false,
          }),
        });
        const text = await response.text();
        // Image URLs contain the address of the replica.
        responses.push({ key, status: response.status, text: text.replaceAll(base, '') });
        return;
      } catch {
        await sleep(50);
      }
    }
  };
  const work = async (): Promise<void> => {
    for (let key = sends.pop(); key !== undefined; key = sends.pop()) {
      await send(key);
      if (responses.length >= KEYS && kills.length === 0) kills.push(victim.kill('SIGKILL'));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  await Promise.all(kills);

  expect(responses).toHaveLength(KEYS * TIMES_EACH);
  const { data, totals } = await simulatorCalls(simulator.url);
  const seeds = data.map(({ body }) => body?.['seed']);
  expect(new Set(seeds).size).toBe(seeds.length);
  expect(totals.calls).toBeLessThanOrEqual(KEYS);
  for (let key = 0; key < KEYS; key++) {
    const same = responses.filter((response) => response.key === key);
    expect(same).toHaveLength(TIMES_EACH);
    expect(new Set(same.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
  }
  expect(responses.filter(({ status }) => status !== 200 && status !== 502)).toEqual([]);
  expect(responses.filter(({ status }) => status === 200).length).toBeGreaterThan(KEYS);

  const history = createHistoryClient({ baseUrl: survivor.url, apiKey: 'none' });
  const ends = new Map<string, number>();
  for await (const { state, outcome, sent_at } of history.list({ limit: 100 })) {
    expect(sent_at).not.toBeNull();
    ends.set(`${state} ${outcome}`, (ends.get(`${state} ${outcome}`) ?? 0) + 1);
  }
  expect([...ends.keys()].filter((end) => end !== 'succeeded billed' && end !== 'failed unknown')).toEqual([]);
  expect([...ends.values()].reduce((sum, count) => sum + count, 0)).toBe(KEYS);
}, 600_000);
