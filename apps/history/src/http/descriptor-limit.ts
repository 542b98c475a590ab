import { readFileSync } from 'node:fs';

/** Kept for the database, the log and the files of the process itself. */
const OWN_DESCRIPTORS = 64;

/** What a connection may need: itself, one to the upstream, and files that are being written. */
const DESCRIPTORS_A_CONNECTION = 4;

const LEAST_CONNECTIONS = 8;
const MOST_CONNECTIONS = 10_000;

/** How many connections this process can serve, so that each of them can have a generation in flight within the limit of open files. */
export function connectionCeiling(descriptors: number | null = descriptorLimit()): number {
  if (descriptors === null) return MOST_CONNECTIONS;
  const ceiling = Math.floor((descriptors - OWN_DESCRIPTORS) / DESCRIPTORS_A_CONNECTION);
  return Math.min(MOST_CONNECTIONS, Math.max(LEAST_CONNECTIONS, ceiling));
}

/** The limit of open files of this process; null where the system states none. Node has no other way to read it. */
function descriptorLimit(): number | null {
  let limits: string;
  try {
    limits = readFileSync('/proc/self/limits', 'utf8');
  } catch {
    return null;
  }
  const soft = /^Max open files {1,40}(\d{1,15}) /m.exec(limits)?.[1];
  return soft === undefined ? null : Number(soft);
}
