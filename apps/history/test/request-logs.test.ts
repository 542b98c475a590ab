import { connect } from 'node:net';
import { text as readText } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { onDatabase } from './support/on-database.ts';
import { fetchChecked, generate } from './support/requests.ts';
import { openHistory, type TestHistory } from './support/test-history.ts';

let history: TestHistory & AsyncDisposable;
beforeAll(async () => {
  history = await openHistory();
});
afterAll(() => history[Symbol.asyncDispose]());

type LogLine = Readonly<Record<string, unknown>>;

const lines = (): readonly LogLine[] => history.logs.map((line) => JSON.parse(line) as LogLine);

const linesOf = (requestId: string): readonly LogLine[] => lines().filter((line) => line['request_id'] === requestId);

const body = { model: 'wan2.7-image', prompt: '花', size: '1K' };

test('every line of a generation has the id of its request', async () => {
  const response = await generate(history.url, body, { 'x-request-id': 'one-request' });
  const id = response.headers.get('x-generation-id');
  await expect.poll(() => linesOf('one-request').map(({ msg }) => msg)).toContain('request completed');
  expect(linesOf('one-request').map(({ msg }) => msg)).toEqual(
    expect.arrayContaining(['upstream request', 'upstream response', 'upstream call completed']),
  );
  const ofGeneration = lines().filter((line) => line['generation_id'] === id);
  expect(ofGeneration.length).toBeGreaterThan(0);
  expect(ofGeneration.map((line) => line['request_id'])).toEqual(ofGeneration.map(() => 'one-request'));
});

test('a request without a route is logged with its id', async () => {
  const response = await fetchChecked(`${history.url}/v1/nothing`, { headers: { 'x-request-id': 'no-route' } });
  expect(response.headers.get('x-request-id')).toBe('no-route');
  await expect.poll(() => linesOf('no-route')).toMatchObject([{ msg: 'request completed', status: 404 }]);
});

test('an internal error is logged with the id of its request', async () => {
  await using broken = await openHistory();
  await onDatabase(broken.testData, 'alter table generation rename to generation_elsewhere');
  const response = await fetchChecked(`${broken.url}/v1/generations`, { headers: { 'x-request-id': 'broken' } });
  expect(response.status).toBe(500);
  const errors = broken.logs.map((line) => JSON.parse(line) as LogLine).filter(({ msg }) => msg === 'request failed');
  expect(errors).toMatchObject([{ request_id: 'broken', err: { message: expect.stringContaining('generation') } }]);
});

/** Sends requests over one connection without waiting for the responses, so that the service handles them at the same time. */
async function pipeline(requestIds: readonly string[]): Promise<string> {
  const socket = connect(Number(new URL(history.url).port), '127.0.0.1');
  const text = JSON.stringify(body);
  const fields = `Host: localhost\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(text)}\r\n`;
  for (const id of requestIds) {
    const end = id === requestIds.at(-1) ? 'Connection: close\r\n' : '';
    socket.write(`POST /v1/images/generations HTTP/1.1\r\n${fields}${end}X-Request-Id: ${id}\r\n\r\n${text}`);
  }
  return readText(socket);
}

test('pipelined requests on one connection keep their own ids', async () => {
  const requestIds = ['first', 'second', 'third'];
  const generationIds = [...(await pipeline(requestIds)).matchAll(/^x-generation-id: (.+)\r$/gm)].map(
    (match) => match[1],
  );
  expect(new Set(generationIds).size).toBe(3);
  for (const [index, id] of requestIds.entries()) {
    await expect.poll(() => linesOf(id).filter(({ msg }) => msg === 'request completed')).toHaveLength(1);
    const calls = linesOf(id).filter(({ msg, operation }) => msg === 'upstream request' && operation === 'generate');
    expect(calls).toHaveLength(1);
    const logged = linesOf(id).flatMap((line) => line['generation_id'] ?? []);
    expect(new Set(logged)).toEqual(new Set([generationIds[index]]));
  }
});
