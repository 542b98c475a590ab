import { setTimeout as sleep } from 'node:timers/promises';
import { startHistory } from '../gateway/history-process.ts';
import { peakMB, resetPeak, rssMB } from '../support/process-memory.ts';
import { generate } from './requests.ts';
import type { Setup } from './setup.ts';

/** What the decoders hold as a whole, each near the most that is accepted. */
const HEAVY = [
  'progressive 4:4:4',
  'progressive 4:2:0',
  'interlaced RGB',
  'interlaced RGBA',
  'interlaced, 16 bits',
  'large PNG',
  'large WEBP',
] as const;

export interface ThumbnailMemory {
  /** Above the idle service. */
  readonly grownMB: number;
  /** By image, the status of its thumbnail. */
  readonly statuses: Readonly<Record<string, number>>;
}

/** All thumbnails at once. */
export async function thumbnailMemory(setup: Setup): Promise<ThumbnailMemory> {
  await using history = await startHistory(setup);
  const urls: string[] = [];
  for (const name of HEAVY) urls.push((await generate(history.url, name)).data[0]?.url ?? '');
  const tiny = (await generate(history.url, 'ordinary')).data[0]?.url ?? '';
  // Loads the library of the decoders; these pixels cannot be decoded.
  await fetch(`${tiny}&width=160`);
  await sleep(2000);
  resetPeak(history.pid);
  const before = rssMB(history.pid);
  const statuses = await Promise.all(urls.map(async (url) => (await fetch(`${url}&width=1280`)).status));
  const grownMB = peakMB(history.pid) - before;
  return { grownMB, statuses: Object.fromEntries(HEAVY.map((name, index) => [name, statuses[index] ?? 0])) };
}
