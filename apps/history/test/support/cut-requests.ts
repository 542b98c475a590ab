import type { GenerationList } from '@wan-image/core';
import { expect } from 'vitest';
import { fetchStreaming, get } from './requests.ts';
import type { TestHistory } from './test-history.ts';

/** Sends requests, and cuts each connection once all of them have reached the upstream. */
export async function sendAndCut(
  { url, simulator }: Pick<TestHistory, 'url' | 'simulator'>,
  request: object,
  count = 1,
  headers: Record<string, string> = {},
): Promise<void> {
  const before = simulator.totals.calls;
  const cutting = new AbortController();
  const responses = Array.from({ length: count }, () =>
    fetchStreaming(`${url}/v1/images/generations`, {
      method: 'POST',
      body: JSON.stringify(request),
      headers: { 'content-type': 'application/json', ...headers },
      signal: cutting.signal,
    }),
  );
  await expect.poll(() => simulator.totals.calls).toBe(before + count);
  cutting.abort();
  for (const response of responses) await expect(response).rejects.toMatchObject({ name: 'AbortError' });
}

/** Waits until all generations of a prompt have ended. */
export async function allEnded(url: string, prompt: string): Promise<void> {
  await expect
    .poll(async () => {
      const { data } = (await get<GenerationList>(url, '/v1/generations')).body;
      return data.filter((record) => record.prompt === prompt).map(({ finished_at }) => finished_at === null);
    })
    .not.toContain(true);
}
