import { expect, test } from 'vitest';
import { generate } from './support/requests.ts';
import { openTestData, runHistory, runSimulator, upstreamAt } from './support/test-history.ts';

test('two identical requests to two replicas are one generation, and get the same response', async () => {
  await using testData = await openTestData();
  await using simulator = await runSimulator();
  const environment = upstreamAt(simulator.url);
  await using one = await runHistory(testData, environment);
  await using other = await runHistory(testData, environment);
  const request = (key: number): unknown => ({
    model: 'wan2.7-image',
    prompt: `第${key}张 [[simulate delay=200]]`,
    size: '1K',
  });
  const responses = await Promise.all(
    Array.from({ length: 40 }, async (_, index) => {
      const key = index % 10;
      const { url } = index % 3 === 0 ? one : other;
      const { status, body } = await generate(url, request(key), {
        'idempotency-key': `twin-${key}`,
      });
      // Each replica has its own address here.
      return { key, response: JSON.stringify({ status, body }).replaceAll(url, '') };
    }),
  );
  const byKey = Map.groupBy(responses, ({ key }) => key);
  for (const twins of byKey.values()) expect([...new Set(twins.map(({ response }) => response))]).toHaveLength(1);
  expect(simulator.totals.calls).toBe(10);
});
