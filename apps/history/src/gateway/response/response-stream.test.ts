import { expect, test } from 'vitest';
import { completeResponse, ResponseStream, type ResponseImage, type StreamedResponse } from './response-stream.ts';

const image = (url: string): ResponseImage => ({ revisedPrompt: null, url });
const FACTS = { created: 7, extra: { usage: 1 } };

async function urlsOf(response: StreamedResponse): Promise<readonly unknown[]> {
  const urls: unknown[] = [];
  for await (const one of response.images()) urls.push('url' in one ? one.url : 'bytes');
  return urls;
}

test('every reader gets all images, including those added before it started, and then the facts', async () => {
  const stream = new ResponseStream('id');
  const early = urlsOf(stream);
  stream.add(image('a'));
  const late = urlsOf(await stream.started());
  stream.add(image('b'));
  stream.complete(FACTS);
  expect(await early).toEqual(['a', 'b']);
  expect(await late).toEqual(['a', 'b']);
  expect(await urlsOf(stream)).toEqual(['a', 'b']);
  expect(await stream.facts()).toBe(FACTS);
});

test('an image can be read before the next one is added', async () => {
  const stream = new ResponseStream('id');
  const images = stream.images();
  stream.add(image('a'));
  expect(await images.next()).toEqual({ done: false, value: image('a') });
  const second = images.next();
  stream.add(image('b'));
  expect(await second).toEqual({ done: false, value: image('b') });
});

test('a failure before the first image rejects the response; a later failure interrupts the images', async () => {
  const failed = new ResponseStream('id');
  const started = failed.started();
  failed.fail(new Error('refused'));
  await expect(started).rejects.toThrow('refused');
  const cut = new ResponseStream('id');
  cut.add(image('a'));
  cut.fail(new Error('cut'));
  expect((await cut.started()).generationId).toBe('id');
  const images = cut.images();
  expect((await images.next()).value).toEqual(image('a'));
  await expect(images.next()).rejects.toThrow('cut');
  await expect(cut.facts()).rejects.toThrow('cut');
});

test('only the first complete() or fail() takes effect', async () => {
  const stream = new ResponseStream('id');
  stream.complete(FACTS);
  stream.fail(new Error('too late'));
  expect(await stream.facts()).toBe(FACTS);
});

test('a complete response may have no images', async () => {
  expect(await urlsOf(completeResponse('id', [], FACTS))).toEqual([]);
});
