import { expect, test } from 'vitest';
import { fetchChecked, generate } from './support/requests.ts';
import { openTestData, runHistory, runSimulator, upstreamAt } from './support/test-history.ts';

test('replicas that start together on an empty database sign with one key, and serve each other’s images', async () => {
  await using testData = await openTestData();
  await using simulator = await runSimulator();
  await using stack = new AsyncDisposableStack();
  const replicas = await Promise.all(
    Array.from({ length: 3 }, async () => stack.use(await runHistory(testData, upstreamAt(simulator.url)))),
  );
  const urls = await Promise.all(
    replicas.map(async ({ url }) => {
      const response = await generate(url, { model: 'wan2.7-image', prompt: '花', size: '1K' });
      return (response.body.data[0]?.url ?? '').slice(url.length);
    }),
  );
  for (const { url } of replicas) for (const path of urls) expect((await fetchChecked(url + path)).status).toBe(200);
});

test('concurrent requests to replicas for one thumbnail return the same bytes', async () => {
  await using testData = await openTestData();
  await using simulator = await runSimulator();
  const environment = upstreamAt(simulator.url);
  await using one = await runHistory(testData, environment);
  await using other = await runHistory(testData, environment);
  const generated = await generate(one.url, { model: 'wan2.7-image', prompt: '花', size: '1K' });
  const path = (generated.body.data[0]?.url ?? '').slice(one.url.length);
  const responses = await Promise.all(
    Array.from({ length: 20 }, async (_, index) => {
      const response = await fetchChecked(`${(index % 2 === 0 ? one : other).url}${path}&width=160`);
      const bytes = Buffer.from(await response.arrayBuffer()).toString('base64');
      return `${response.status} ${response.headers.get('etag')} ${bytes}`;
    }),
  );
  expect([...new Set(responses)]).toHaveLength(1);
  expect(responses[0]).toMatch(/^200 /);
});
