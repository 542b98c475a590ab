import { setTimeout as sleep } from 'node:timers/promises';

/** Repeats a check every 20 ms until it passes. After `timeoutMs` it throws the last failure of the check. */
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
