import { buffer } from 'node:stream/consumers';
import { sendJson, startTestServer } from '@wan-image/testing/http-server';
import { expect, test } from 'vitest';
import { createLogger } from '../telemetry/logger.ts';
import { withContext } from '../telemetry/context.ts';
import { openUpstream, type Upstream } from './upstream.ts';

const KEY = 'upstream-secret-1';
const PROMPT = 'a prompt that nobody else may read';

interface Run {
  readonly lines: readonly Readonly<Record<string, unknown>>[];
  readonly text: string;
}

/** Runs calls against an upstream, and returns what was logged meanwhile. */
async function logOf(
  baseUrl: string,
  level: 'debug' | 'info',
  run: (upstream: Upstream) => Promise<unknown>,
): Promise<Run> {
  const written: string[] = [];
  const logger = createLogger(level, { write: (line) => written.push(line) });
  const config = { upstream: { kind: 'remote', baseUrl, apiKey: KEY }, upstreamTimeoutMs: 30_000 } as const;
  const upstream = await openUpstream(config, logger);
  await run(upstream);
  await upstream.close();
  return {
    lines: written.map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>),
    text: written.join(''),
  };
}

const generate = (upstream: Upstream): Promise<unknown> =>
  withContext({ requestId: 'r1', generationId: 'g1' }, () =>
    upstream.client.generate({ model: 'wan2.7-image', prompt: PROMPT }),
  );

test('each attempt, retry and end of a call is logged with its generation', async () => {
  let requests = 0;
  await using server = await startTestServer((_received, response) => {
    if (++requests === 1) sendJson(response, 429, { error: { message: PROMPT } }, { 'retry-after': '0' });
    else sendJson(response, 200, { created: 1, data: [{ b64_json: 'iVBORw0KGgo=' }] }, { 'x-request-id': 'u2' });
  });
  const { lines } = await logOf(server.url, 'debug', generate);
  const ids = { request_id: 'r1', generation_id: 'g1', operation: 'generate' };
  const milliseconds = expect.any(Number) as number;
  expect(lines).toMatchObject([
    { ...ids, msg: 'upstream request', attempt: 1, body_bytes: milliseconds },
    { ...ids, msg: 'upstream response', attempt: 1, status: 429, duration_ms: milliseconds },
    { ...ids, msg: 'upstream retry', attempt: 1, status: 429, kind: 'rate_limited', delay_ms: milliseconds },
    { ...ids, msg: 'upstream request', attempt: 2 },
    { ...ids, msg: 'upstream response', attempt: 2, status: 200, upstream_request_id: 'u2' },
    { ...ids, msg: 'upstream call completed', attempts: 2, duration_ms: milliseconds },
  ]);
});

test('by default only responses to paid calls and retries are logged', async () => {
  await using server = await startTestServer((received, response) => {
    if (received.method === 'GET') sendJson(response, 200, { object: 'list', data: [] });
    else sendJson(response, 400, { error: { message: 'refused' } });
  });
  const { lines } = await logOf(server.url, 'info', async (upstream) => {
    await upstream.client.models();
    await expect(generate(upstream)).rejects.toThrow('refused');
  });
  expect(lines.map(({ msg, status }) => [msg, status])).toEqual([['upstream response', 400]]);
});

test('no line has a key, a prompt or a URL', async () => {
  await using server = await startTestServer((received, response) => {
    if (received.path.startsWith('/signed')) response.writeHead(404).end();
    else sendJson(response, 401, { error: { message: `${PROMPT} ${KEY}` } });
  });
  const { text, lines } = await logOf(server.url, 'debug', async (upstream) => {
    await expect(generate(upstream)).rejects.toThrow(PROMPT);
    const download = upstream.client.download(`${server.url}/signed.png?Signature=abc123`, {
      retry: { maxRetries: 0 },
    });
    await expect(buffer(download)).rejects.toThrow('404');
  });
  expect(lines.length).toBeGreaterThan(4);
  for (const secret of [KEY, PROMPT, 'abc123', 'signed.png', server.url]) expect(text).not.toContain(secret);
});
