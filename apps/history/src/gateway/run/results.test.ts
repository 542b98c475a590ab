import type { GeneratedImage } from '@wan-image/core';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { LedgerRepository } from '../../ledger/ledger.repository.ts';
import type { ImageFilesService } from '../../images/image-files.service.ts';
import { ResultsService, type Results } from './results.service.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Images of a generation, written as given. */
function resultsOf(addImages: () => Promise<void>): Results {
  // Nothing else of either is asked for here.
  const ledger = { addImages } as unknown as LedgerRepository;
  return new ResultsService(ledger, {} as ImageFilesService, pino({ level: 'silent' })).of('id');
}

/** Hands one more image to a write of its own. */
async function record(results: Results): Promise<void> {
  const index = results.all.length;
  // All that is looked at.
  const image = { index, url: 'https://a.example/1.png', revisedPrompt: null } as GeneratedImage;
  results.record(results.add(image));
  await vi.advanceTimersByTimeAsync(1000);
}

test('a database that fails once is not asked again before the end, which has all images', async () => {
  const addImages = vi.fn<() => Promise<void>>(() => Promise.reject(new Error('silent')));
  const results = resultsOf(addImages);
  await record(results);
  await record(results);
  await results.recorded();
  expect(addImages).toHaveBeenCalledTimes(1);
  expect(results.rows).toHaveLength(2);
});

test('the end waits for the write that is under way, and for none behind it', async () => {
  const writing = Promise.withResolvers<void>();
  const addImages = vi.fn<() => Promise<void>>(() => writing.promise);
  const results = resultsOf(addImages);
  await record(results);
  await record(results);
  const recorded = results.recorded();
  writing.resolve();
  await recorded;
  expect(addImages).toHaveBeenCalledTimes(1);
});

test('a database that works is told of each image', async () => {
  const addImages = vi.fn<() => Promise<void>>(() => Promise.resolve());
  const results = resultsOf(addImages);
  await record(results);
  await record(results);
  expect(addImages).toHaveBeenCalledTimes(2);
});
