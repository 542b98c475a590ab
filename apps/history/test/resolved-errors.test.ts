import { sendJson, startTestServer } from '@wan-image/testing/http-server';
import { expect, test } from 'vitest';
import { ADMIN_API_KEY, bearer } from './support/access.ts';
import { generate, get, recordOf, send } from './support/requests.ts';
import { openHistory, openTestData, runHistory, upstreamAt } from './support/test-history.ts';

test('the error of a failure whose outcome is resolved no longer asks to check, in the record and in a replay', async () => {
  await using history = await openHistory();
  const outcomes = { billed: 'The upstream billed it.', not_billed: 'The upstream did not bill it.' };
  for (const [outcome, words] of Object.entries(outcomes)) {
    const request = { model: 'wan2.7-image', prompt: `断 ${outcome} [[simulate status=500 times=1]]`, size: '1K' };
    const key = { 'idempotency-key': outcome };
    const failed = await generate(history.url, request, key);
    const { id, error } = await recordOf(history.url, failed);
    expect(error?.message).toContain('may have been billed');
    await send(`${history.url}/v1/generations/${id}/resolve`, { method: 'POST', body: { outcome } });
    const message = (await recordOf(history.url, failed)).error?.message;
    expect(message).not.toContain('may have been billed');
    expect(message).toContain(words);
    const replay = await generate(history.url, request, key);
    if (outcome === 'billed') expect(replay.body.error.message).toBe(message);
    else expect(replay.status).toBe(200);
  }
});

test('the upstream is asked for its models once for many clients', async () => {
  await using upstream = await startTestServer((_request, response) =>
    sendJson(response, 200, { object: 'list', data: [{ id: 'wan2.7-image', object: 'model' }] }),
  );
  await using testData = await openTestData();
  await using service = await runHistory(testData, { ...upstreamAt(upstream.url), ADMIN_API_KEY });
  const list = (): Promise<{ readonly status: number }> => get(service.url, '/v1/models', bearer(ADMIN_API_KEY));
  const lists = await Promise.all(Array.from({ length: 20 }, list));
  expect(new Set(lists.map(({ status }) => status))).toEqual(new Set([200]));
  expect((await list()).status).toBe(200);
  expect(upstream.requests).toHaveLength(1);
});
