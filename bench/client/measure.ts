import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';

export interface Measured {
  readonly wallMs: number;
  /** User and system, of all threads of the process. */
  readonly cpuMs: number;
  readonly rssBeforeMB: number;
  /** The most memory of the process during the work. */
  readonly rssPeakMB: number;
  /** The longest time that the event loop was blocked. */
  readonly heldMs: number;
  /** The message of the error; null on success. */
  readonly error: string | null;
}

export async function measure(work: () => Promise<void>): Promise<Measured> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  // Its timer has to fire once before it can be late.
  await sleep(20);
  delay.reset();
  resetPeak();
  const rssBeforeMB = process.memoryUsage.rss() / 1024 ** 2;
  const cpuBefore = process.cpuUsage();
  const started = performance.now();
  const error = await work().then(() => null, messageOf);
  const wallMs = performance.now() - started;
  const { user, system } = process.cpuUsage(cpuBefore);
  const rssPeakMB = peakMB();
  // Lets a block at the very end be noticed.
  await sleep(2);
  delay.disable();
  return { wallMs, cpuMs: (user + system) / 1000, rssBeforeMB, rssPeakMB, heldMs: delay.max / 1e6, error };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

const LINUX = process.platform === 'linux';

/** On other systems the peak counts from the start of the process, so it includes the import of the client. */
function resetPeak(): void {
  if (LINUX) writeFileSync('/proc/self/clear_refs', '5');
}

/** On Linux `maxRSS` starts at that of the parent process. */
function peakMB(): number {
  if (!LINUX) return process.resourceUsage().maxRSS / 1024;
  const kilobytes = /VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  return Number(kilobytes) / 1024;
}
