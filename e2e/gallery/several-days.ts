import { join } from 'node:path';
import { createHistoryClient, type HistoryClient } from '@wan-image/core';
import { temporaryFolder } from '@wan-image/testing/folders';
import { openGallery, type Gallery } from '../support/gallery.ts';
import { startService } from '../support/service.ts';

const DAY_MS = 24 * 3_600_000;

/** How many days ago something was generated, and how many images. */
export const DAYS = [
  [400, 6],
  [40, 10],
  [8, 10],
  [1, 6],
  [0, 3],
] as const;

/** Sizes of every shape. */
const SIZES = ['768x768', '1024x640', '640x1024', '1280x512', '768x1024'] as const;

/** A service whose images were generated on several days, as `n d` with the day and its number; and four of one request today. */
export async function openSeveralDays(): Promise<Gallery & AsyncDisposable> {
  await using resources = new AsyncDisposableStack();
  const folder = resources.use(await temporaryFolder());
  for (const [ago, count] of DAYS) {
    // A service whose clock jumps has lost its leases: each day has a process of its own.
    await using service = await startService(
      { DATA_DIR: folder.path, PORT: '0', CLOCK_SHIFT_MS: String(-ago * DAY_MS) },
      ['--import', join(import.meta.dirname, 'clock.js')],
    );
    const history = createHistoryClient({ baseUrl: service.url, apiKey: 'none' });
    for (const index of Array.from({ length: count }, (_, at) => at))
      await ended(history, {
        model: 'wan2.7-image',
        prompt: `花 ${ago}-${index}`,
        size: SIZES[index % SIZES.length] ?? '1K',
      });
    await service.kill('SIGTERM');
  }
  const gallery = resources.use(await openGallery({ DATA_DIR: folder.path }));
  await ended(gallery.history, { model: 'wan2.7-image', prompt: '四季', size: '1K', n: 4 });
  const open = resources.move();
  return { ...gallery, [Symbol.asyncDispose]: () => open.disposeAsync() };
}

async function ended(history: HistoryClient, request: Parameters<HistoryClient['submit']>[0]): Promise<void> {
  const { id } = await history.submit(request);
  await history.get(id, { wait: 60 });
}
