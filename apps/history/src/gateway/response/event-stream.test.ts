import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { ApiError } from '../../domain/api-error.ts';
import { eventStream } from './event-stream.ts';
import { completeResponse, ResponseStream, type StreamedResponse } from './response-stream.ts';

const FACTS = { created: 7, extra: {} };
const EVENT = 'image_generation.completed';

async function textOf(responding: Promise<StreamedResponse>, silenceMs = 60_000): Promise<string> {
  let text = '';
  for await (const chunk of eventStream(EVENT, responding, silenceMs)) text += Buffer.from(chunk).toString();
  return text;
}

/** The events of a stream, with their data. */
function eventsOf(text: string): unknown[] {
  return text
    .split('\n\n')
    .filter((block) => block.startsWith('event: '))
    .map((block) => {
      const [name, data = ''] = block.split('\n');
      return [name?.slice('event: '.length), JSON.parse(data.slice('data: '.length))];
    });
}

async function* inChunks(...chunks: readonly string[]): AsyncGenerator<Uint8Array, void, void> {
  for (const chunk of chunks) yield Buffer.from(chunk);
}

test('each image is one event, with base64 or a URL, and nothing follows the last', async () => {
  const response = completeResponse(
    'id',
    [
      { revisedPrompt: '图 "1"\n', bytes: () => inChunks('a', 'bcde', '') },
      { revisedPrompt: null, bytes: () => inChunks('f') },
      { revisedPrompt: '图2', url: 'http://a.example/1' },
      { revisedPrompt: null, url: null },
    ],
    FACTS,
  );
  const common = { type: EVENT, created_at: expect.any(Number) };
  const text = await textOf(Promise.resolve(response));
  expect(eventsOf(text)).toEqual([
    [EVENT, { ...common, b64_json: Buffer.from('abcde').toString('base64'), revised_prompt: '图 "1"\n' }],
    [EVENT, { ...common, b64_json: Buffer.from('f').toString('base64') }],
    [EVENT, { ...common, url: 'http://a.example/1', revised_prompt: '图2' }],
    [EVENT, common],
  ]);
  expect(text.endsWith('}\n\n')).toBe(true);
  expect(text).not.toContain('[DONE]');
});

test('while no image arrives, comments do', async () => {
  const response = new ResponseStream('id');
  const stream = eventStream(EVENT, response.started(), 1);
  for (let comments = 0; comments < 3; comments++)
    expect(Buffer.from((await stream.next()).value ?? []).toString()).toBe(': still here\n\n');
  response.add({ revisedPrompt: null, url: 'http://a.example/1' });
  let text = '';
  while (!text.includes('event: ')) text += Buffer.from((await stream.next()).value ?? []).toString();
  expect(eventsOf(text)).toMatchObject([[EVENT, { url: 'http://a.example/1' }]]);
  response.complete(FACTS);
  for (let next = await stream.next(); !next.done; next = await stream.next())
    expect(Buffer.from(next.value).toString()).toBe(': still here\n\n');
});

const refusal = new ApiError('no', {
  status: 400,
  type: 'invalid_request_error',
  code: 'refused',
  param: 'prompt',
  headers: { 'x-generation-id': 'id' },
});
const ERROR = { error: { message: 'no', type: 'invalid_request_error', code: 'refused', param: 'prompt' } };

test('a failure before the first chunk is thrown; after it, it is an event', async () => {
  await expect(textOf(Promise.reject(refusal))).rejects.toBe(refusal);
  const cut = new ResponseStream('id');
  cut.add({ revisedPrompt: null, url: 'http://a.example/1' });
  cut.fail(refusal);
  expect(eventsOf(await textOf(cut.started()))).toEqual([
    [EVENT, expect.anything()],
    ['error', ERROR],
  ]);
  const silent = Promise.withResolvers<StreamedResponse>();
  const stream = eventStream(EVENT, silent.promise, 1);
  await stream.next();
  silent.reject(refusal);
  let text = '';
  for await (const chunk of stream) text += Buffer.from(chunk).toString();
  expect(eventsOf(text)).toEqual([['error', ERROR]]);
});

test('a failure in the middle of an image is thrown, because no event may be half', async () => {
  async function* broken(): AsyncGenerator<Uint8Array, void, void> {
    yield Buffer.from('abc');
    await sleep(1);
    yield Buffer.from('def');
    throw new Error('the disk is gone');
  }
  const response = completeResponse('id', [{ revisedPrompt: null, bytes: broken }], FACTS);
  await expect(textOf(Promise.resolve(response))).rejects.toThrow('the disk is gone');
});

test('a failure of this service after the first chunk is an event, and thrown, so that the client does not count as served', async () => {
  const silent = Promise.withResolvers<StreamedResponse>();
  const stream = eventStream(EVENT, silent.promise, 1);
  await stream.next();
  const broken = new Error('the store is gone');
  silent.reject(broken);
  let text = '';
  const reading = (async () => {
    for await (const chunk of stream) text += Buffer.from(chunk).toString();
  })();
  await expect(reading).rejects.toBe(broken);
  expect(eventsOf(text)).toMatchObject([['error', { error: { type: 'server_error' } }]]);
});
