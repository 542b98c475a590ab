import { expect, test } from 'vitest';
import { generate, recordOf } from './support/requests.ts';
import { mountSmallDisk } from './support/small-disk.ts';
import { openTestData, runHistory, runSimulator, upstreamAt } from './support/test-history.ts';

const request = { model: 'wan2.7-image', prompt: '满了', size: '1K' };

test('with PostgreSQL and a store elsewhere, a service whose DATA_DIR has not a byte left starts, says so and generates', async ({
  skip,
}) => {
  await using disk = await mountSmallDisk();
  skip(!disk.isMounted, 'this user cannot mount a disk');
  await using testData = await openTestData();
  await using simulator = await runSimulator();
  await disk.fill(0);
  await using history = await runHistory(testData, {
    ...upstreamAt(simulator.url),
    DATA_DIR: disk.path,
    STORAGE_URL: `file://${testData.dataDir}/images`,
  });
  expect(history.logs.join('')).toContain('DATA_DIR has no room');
  const made = await generate(history.url, request);
  expect(made.status).toBe(200);
  expect(await recordOf(history.url, made)).toMatchObject({ state: 'succeeded', images: [{ state: 'stored' }] });
});
