import { readFileSync, writeFileSync } from 'node:fs';

/** Of another process as Linux counts it, without its children: what n8n's task runner takes is not what a node costs. */
export function rssMB(pid: number): number {
  return kilobytesOf(pid, 'VmRSS') / 1024;
}

/** The most since `resetPeak`, however short: the kernel tracks it. */
export function peakMB(pid: number): number {
  return kilobytesOf(pid, 'VmHWM') / 1024;
}

export function resetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
}

/** User and system, of all its threads, in steps of 10 ms. */
export function cpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

function kilobytesOf(pid: number, name: string): number {
  return Number(new RegExp(`${name}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}
