import { sendJson, startTestServer } from '@wan-image/testing/http-server';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { generate, recordOf } from './support/requests.ts';
import { openTestData, runHistory, upstreamAt, type RunningHistory } from './support/test-history.ts';

/** An upstream that responds with the URL in the prompt. */
const resources = new AsyncDisposableStack();
let history: RunningHistory;
beforeAll(async () => {
  const upstream = resources.use(
    await startTestServer((received, response) => {
      const { prompt } = JSON.parse(received.body) as { prompt: string };
      sendJson(response, 200, { created: 1, data: [{ url: prompt }] });
    }),
  );
  const testData = resources.use(await openTestData());
  history = resources.use(await runHistory(testData, upstreamAt(upstream.url)));
});
afterAll(() => resources.disposeAsync());

test.each([
  'http://127.0.0.1:4999/a.png',
  'http://localhost:4999/a.png',
  'http://[::1]/a.png',
  'http://[::ffff:127.0.0.1]/a.png',
  'http://169.254.169.254/latest/meta-data',
  'http://100.100.100.200/latest/meta-data',
  'http://10.0.0.1/a.png',
  'http://0.0.0.0/a.png',
  'http://2130706433/a.png',
  'http://0x7f000001/a.png',
  'file:///etc/passwd',
])('a result image at %s is not fetched', async (url) => {
  const logged = history.logs.length;
  const response = await generate(history.url, { model: 'wan2.7-image', prompt: url });
  expect((await recordOf(history.url, response)).images).toMatchObject([{ state: 'lost' }]);
  expect(history.logs.slice(logged).join('')).toMatch(/is not on the public internet|must be an http/);
});
