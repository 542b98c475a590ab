import type { GenerationRecord } from '@wan-image/core';
import { sendJson, startTestServer, type TestServer } from '@wan-image/testing/http-server';
import { encodeImage } from '@wan-image/testing/images';
import { expect, test } from 'vitest';
import { onDatabase } from './support/on-database.ts';
import { fetchChecked, generate, recordOf } from './support/requests.ts';
import { openTestData, runHistory, upstreamAt } from './support/test-history.ts';

const request = { model: 'wan2.7-image', prompt: '维护', size: '1K' };
const png = await encodeImage({ format: 'png', width: 300, height: 200 });
const PAGE = '<!DOCTYPE html><html><title>维护中</title><body>马上回来</body></html>';

/** Whether the image host sends its page. */
interface Maintenance {
  isOver: boolean;
}

/** An upstream whose image host sends a page with status 200 during maintenance. */
function startMaintained(
  page: Buffer,
  maintenance: Maintenance,
  type = 'text/html',
): Promise<TestServer & AsyncDisposable> {
  return startTestServer((received, response) => {
    if (received.method === 'POST')
      return sendJson(response, 200, { created: 1, data: [{ url: `http://${received.headers.host}/a.png` }] });
    const [sent, contentType] = maintenance.isOver ? [png, 'image/png'] : [page, type];
    return void response.writeHead(200, { 'content-type': contentType }).end(sent);
  });
}

test.each<[string, Buffer, string?]>([
  ['an HTML page', Buffer.from(PAGE)],
  ['an HTML page that is labeled as an image', Buffer.from(PAGE), 'image/png'],
  ['an HTML page in UTF-16', Buffer.from(`\uFEFF${PAGE}`, 'utf16le')],
  [
    'a page in GBK',
    Buffer.concat([Buffer.from('<html>'), Buffer.from([0xce, 0xac, 0xbb, 0xa4]), Buffer.from('</html>')]),
  ],
  ['an error in JSON', Buffer.from('{"code":"ServiceUnavailable"}'), 'application/json'],
  ['an error in XML', Buffer.from('<?xml version="1.0"?><Error><Code>SlowDown</Code></Error>'), 'application/xml'],
  ['a line of text', Buffer.from('Back soon\n'), 'text/plain'],
])('%s in place of an image is no image: it is fetched again', async (_name, page, type) => {
  const maintenance = { isOver: false };
  await using upstream = await startMaintained(page, maintenance, type);
  await using testData = await openTestData();
  await using history = await runHistory(testData, upstreamAt(upstream.url));
  const response = await generate(history.url, request);
  const url = response.body.data[0]?.url ?? '';
  expect((await recordOf(history.url, response)).images).toMatchObject([{ state: 'pending', warning: null }]);
  const waiting = await fetchChecked(url);
  expect([waiting.status, waiting.headers.get('retry-after')]).toEqual([503, '60']);
  maintenance.isOver = true;
  await expect.poll(async () => (await fetchChecked(url)).status).toBe(200);
  expect((await recordOf(history.url, response)).images).toMatchObject([
    { state: 'stored', bytes: png.length, warning: null },
  ]);
});

test('a page that is all there is before the URL expires is kept, and the record says so', async () => {
  await using upstream = await startMaintained(Buffer.from(PAGE), { isOver: false });
  await using testData = await openTestData();
  await using history = await runHistory(testData, upstreamAt(upstream.url));
  const response = await generate(history.url, request);
  const url = response.body.data[0]?.url ?? '';
  const images = async (): Promise<GenerationRecord['images']> => (await recordOf(history.url, response)).images;
  await onDatabase(testData, `update generation set finished_at = now() - interval '22 hours'`);
  expect([(await fetchChecked(url)).status, await images()]).toMatchObject([503, [{ state: 'pending' }]]);
  await onDatabase(testData, `update generation set finished_at = now() - interval '23 hours 30 minutes'`);
  expect((await fetchChecked(url)).headers.get('content-disposition')).toMatch(/^attachment;/);
  expect(await images()).toMatchObject([{ state: 'stored', warning: expect.stringContaining('not a PNG') }]);
});

test('a page that came as base64 cannot be fetched again, and is kept at once', async () => {
  await using upstream = await startTestServer((_received, response) =>
    sendJson(response, 200, { created: 1, data: [{ b64_json: Buffer.from(PAGE).toString('base64') }] }),
  );
  await using testData = await openTestData();
  await using history = await runHistory(testData, upstreamAt(upstream.url));
  const record = await recordOf(history.url, await generate(history.url, request));
  expect(record.images).toMatchObject([{ state: 'stored', bytes: Buffer.byteLength(PAGE) }]);
});
