import type { GeneratedImage } from '@wan-image/core';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { LedgerRepository } from '../../ledger/ledger.repository.ts';
import type { ImageFilesService } from '../../images/image-files.service.ts';
import { ResultsService, type Results } from './results.service.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Results of a generation that are recorded by `addImages`. */
function resultsOf(addImages: () => Promise<void>): Results {
  // These tests use nothing else of the ledger or the files.
  const ledger = { addImages } as unknown as LedgerRepository;
  return new ResultsService(ledger, {} as ImageFilesService, pino({ level: 'silent' })).of('id');
}

/** Records one more image in a separate write. */
async function record(results: Results): Promise<void> {
  const index = results.all.length;
  // The only fields that are read.
  const image = { index, url: 'https://a.example/1.png', revisedPrompt: null } as GeneratedImage;
  results.record(results.add(image));
  await vi.advanceTimersByTimeAsync(1000);
}

test('after one failed write, all images are left to be recorded with the outcome', async () => {
  const addImages = vi.fn<() => Promise<void>>(() => Promise.reject(new Error('silent')));
  const results = resultsOf(addImages);
  await record(results);
  await record(results);
  await results.recorded();
  expect(addImages).toHaveBeenCalledTimes(1);
  expect(results.rows).toHaveLength(2);
});

test('recorded() waits for the write in flight, and not for those behind it', async () => {
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

test('a working database gets every image', async () => {
  const addImages = vi.fn<() => Promise<void>>(() => Promise.resolve());
  const results = resultsOf(addImages);
  await record(results);
  await record(results);
  expect(addImages).toHaveBeenCalledTimes(2);
});
