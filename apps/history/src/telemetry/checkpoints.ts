import { channel } from 'node:diagnostics_channel';

/**
 * Points in the life of a generation at which a crash leaves a different state behind. Each is named for what has just happened. The
 * names are those of the crash report.
 */
export type Point =
  | 'request read'
  | 'inputs stored'
  | 'row committed'
  | 'request claimed'
  | 'slot acquired'
  | 'image arriving'
  | 'image stored'
  | 'image spooled'
  | 'response complete'
  | 'end recorded'
  | 'fetched image stored'
  | 'response begun'
  | 'thumbnail stored'
  | 'cancel asked';

const points = channel('wan-image-history:point');

/** Publishes that a point is reached. Only the crash test subscribes, and kills the process there. */
export function checkpoint(point: Point): void {
  if (points.hasSubscribers) points.publish(point);
}
