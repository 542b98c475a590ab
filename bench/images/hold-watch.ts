import { writeFileSync } from 'node:fs';

/**
 * Measures how long the event loop of this process is held: the most processor time of its thread between two ticks of a timer. Time on the
 * clock would count what other processes take. Loaded before a program, it writes the figure to a file on SIGUSR2, and starts anew.
 */
let longestMs = 0;
let last = cpuMs();
setInterval(() => {
  const now = cpuMs();
  longestMs = Math.max(longestMs, now - last);
  last = now;
}, 1).unref();

/** The longest hold since the last call, in milliseconds. */
export function takeLongestHold(): number {
  const hold = longestMs;
  longestMs = 0;
  return hold;
}

const file = process.env['HOLD_FILE'];
if (file !== undefined) process.on('SIGUSR2', () => writeFileSync(file, JSON.stringify(takeLongestHold())));

function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
