/** What is asked for while the process is to die. */
export type Load = 'mixed' | 'thumbnail' | 'cancel' | 'spool' | 'waiting';

/** A moment at which the process is killed. */
export interface CrashPoint {
  /** As the service tells it (`apps/history/src/telemetry/checkpoints.ts`). */
  readonly name: string;
  readonly load: Load;
  /** How many times it is reached at least: at one of them, by chance, the process is killed. */
  readonly most: number;
  /** What a crash there leaves to be put right. */
  readonly leaves: string;
  /** Whether it is also for `pnpm e2e`, which has not the time for all of them. */
  readonly quick: boolean;
}

/** Not told by the service: the upstream has the request, and nothing has come back. The kill comes from outside. */
export const WAITING = 'upstream at work';

export const POINTS: readonly CrashPoint[] = [
  { name: 'request read', load: 'mixed', most: 4, leaves: 'uploads in the staging folder', quick: true },
  { name: 'inputs stored', load: 'mixed', most: 4, leaves: 'input images without a row', quick: false },
  {
    name: 'row committed',
    load: 'mixed',
    most: 4,
    leaves: 'what is recorded as sent or as waiting, and was not sent',
    quick: true,
  },
  { name: 'request adopted', load: 'mixed', most: 1, leaves: 'a row of a dead process that waits', quick: true },
  { name: 'turn taken', load: 'mixed', most: 4, leaves: 'what is recorded as sent and was not', quick: false },
  { name: WAITING, load: 'waiting', most: 1, leaves: 'what the upstream may bill', quick: true },
  { name: 'image arriving', load: 'mixed', most: 2, leaves: 'half an image without a name', quick: true },
  { name: 'image stored', load: 'mixed', most: 2, leaves: 'an image without a row', quick: true },
  { name: 'image spooled', load: 'spool', most: 2, leaves: 'an image in the spool without a row', quick: true },
  { name: 'reply complete', load: 'mixed', most: 4, leaves: 'a whole reply without an ending', quick: false },
  { name: 'ending recorded', load: 'mixed', most: 4, leaves: 'an ending of which no caller knows', quick: true },
  { name: 'fetched image stored', load: 'mixed', most: 3, leaves: 'an image whose row says pending', quick: true },
  { name: 'answer begun', load: 'mixed', most: 2, leaves: 'half an answer', quick: true },
  { name: 'thumbnail stored', load: 'thumbnail', most: 1, leaves: 'a thumbnail without a row', quick: false },
  { name: 'cancel asked', load: 'cancel', most: 1, leaves: 'what somebody wanted canceled', quick: false },
];
