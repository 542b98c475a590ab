/** The requests that are in flight when the process is killed. */
export type Load = 'mixed' | 'thumbnail' | 'cancel' | 'spool' | 'waiting';

/** A point at which the process is killed. */
export interface CrashPoint {
  /** As the service publishes it (`apps/history/src/telemetry/checkpoints.ts`). */
  readonly name: string;
  readonly load: Load;
  /** How often it is passed at least. The process is killed at a random one of them. */
  readonly most: number;
  /** What a crash there leaves to be repaired. */
  readonly leaves: string;
  /** Whether `pnpm e2e` includes it, which has no time for all of them. */
  readonly quick: boolean;
}

/** Not published by the service: the upstream has the request and has not responded. The harness sends the signal. */
export const WAITING = 'upstream at work';

export const POINTS: readonly CrashPoint[] = [
  { name: 'request read', load: 'mixed', most: 4, leaves: 'uploads in the staging folder', quick: true },
  { name: 'inputs stored', load: 'mixed', most: 4, leaves: 'input images without a row', quick: false },
  {
    name: 'row committed',
    load: 'mixed',
    most: 4,
    leaves: 'a generation recorded as running or queued that was not sent',
    quick: true,
  },
  { name: 'request claimed', load: 'mixed', most: 1, leaves: 'a queued row of a process that is gone', quick: true },
  {
    name: 'slot acquired',
    load: 'mixed',
    most: 4,
    leaves: 'a generation recorded as running that was not sent',
    quick: false,
  },
  { name: WAITING, load: 'waiting', most: 1, leaves: 'a generation that the upstream may bill', quick: true },
  { name: 'image arriving', load: 'mixed', most: 2, leaves: 'a part of an image in the staging folder', quick: true },
  { name: 'image stored', load: 'mixed', most: 2, leaves: 'an image without a row', quick: true },
  { name: 'image spooled', load: 'spool', most: 2, leaves: 'an image in the spool without a row', quick: true },
  {
    name: 'response complete',
    load: 'mixed',
    most: 4,
    leaves: 'a complete response without a recorded end',
    quick: false,
  },
  { name: 'end recorded', load: 'mixed', most: 4, leaves: 'a recorded end that no client has seen', quick: true },
  { name: 'fetched image stored', load: 'mixed', most: 3, leaves: 'an image whose row says pending', quick: true },
  { name: 'response begun', load: 'mixed', most: 2, leaves: 'a part of a response', quick: true },
  { name: 'thumbnail stored', load: 'thumbnail', most: 1, leaves: 'a thumbnail without a row', quick: false },
  { name: 'cancel asked', load: 'cancel', most: 1, leaves: 'a generation with a cancel request', quick: false },
];
