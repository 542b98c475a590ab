import { sendJson, startTestServer } from '@wan-image/testing/http-server';
import { expect, test } from 'vitest';
import { createHistoryClient } from '../index.node.ts';

const record = (id: string): object => ({
  id,
  object: 'generation',
  state: 'succeeded',
  outcome: 'billed',
  source: 'n8n',
  model: 'wan2.7-image',
  prompt: '花店',
  request: {},
  dropped: [],
  input_images: [],
  images: [],
  error: null,
  upstream: { request_id: null, status: 200, attempts: 1, extra: null },
  created_at: '2026-11-23T08:00:00.000Z',
  sent_at: null,
  finished_at: null,
  duration_ms: null,
  cost: null,
  api_key: null,
});

test('all records are walked through, page by page, as they are asked for', async () => {
  const pages: Record<string, object> = {
    '/v1/generations?limit=2': { data: [record('a'), record('b')], has_more: true, next_cursor: 'b' },
    '/v1/generations?limit=2&cursor=b': { data: [record('c')], has_more: false, next_cursor: null },
  };
  await using server = await startTestServer(({ path }, response) =>
    sendJson(response, 200, { object: 'list', ...pages[path] }),
  );
  const history = createHistoryClient({ baseUrl: server.url, apiKey: 'k' });
  const ids: string[] = [];
  for await (const { id } of history.list({ limit: 2 })) {
    if (ids.length === 0) expect(server.requests).toHaveLength(1);
    ids.push(id);
  }
  expect(ids).toEqual(['a', 'b', 'c']);
  expect(server.requests.map(({ path }) => path)).toEqual(Object.keys(pages));
});

test('a record that is not there is an error that costs nothing', async () => {
  await using server = await startTestServer((_request, response) =>
    sendJson(response, 404, { error: { message: 'No such generation.', code: 'not_found' } }),
  );
  const history = createHistoryClient({ baseUrl: server.url, apiKey: 'k' });
  await expect(history.get('a/b')).rejects.toMatchObject({ status: 404, code: 'not_found', outcome: 'not_billed' });
  expect(server.requests[0]?.path).toBe('/v1/generations/a%2Fb');
});
