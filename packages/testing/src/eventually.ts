import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until something holds, looking every few milliseconds; throws what is still wrong when the time is over. */
export async function eventually(check: () => Promise<void> | void, timeoutMs = 10_000): Promise<void> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > end) throw error;
      await sleep(20);
    }
  }
}
