import { channel } from 'node:diagnostics_channel';

/**
 * Moments in the life of a generation at which a process may die. Each is named for what has happened last, and each leaves something
 * else behind.
 */
export type Point =
  | 'request read'
  | 'inputs stored'
  | 'row committed'
  | 'request adopted'
  | 'turn taken'
  | 'image arriving'
  | 'image stored'
  | 'image spooled'
  | 'reply complete'
  | 'ending recorded'
  | 'fetched image stored'
  | 'answer begun'
  | 'thumbnail stored'
  | 'cancel asked';

const points = channel('wan-image-history:point');

/** Tells whoever listens on the channel, which in service is nobody. The crash harness listens, and kills the process there. */
export function checkpoint(point: Point): void {
  if (points.hasSubscribers) points.publish(point);
}
