import type { Timeline } from '@wan-image/core';

type Days = Timeline['data'];

export interface MergedTimeline {
  /** What is to be shown; the same list if nothing of it changed. */
  readonly days: Days;
  /** Days whose images are to be read again. */
  readonly changed: readonly string[];
  /** How many new images are not shown yet. */
  readonly added: number;
}

/**
 * What is shown of a timeline that was read again. Images that are gone disappear at once. New ones wait while somebody is further down
 * (`takesNew` is false): they would be above what is seen, and only their number is told.
 */
export function mergeTimeline(shown: Days | null, fresh: Days, takesNew: boolean): MergedTimeline {
  if (shown === null) return { days: fresh, changed: [], added: 0 };
  const before = new Map(shown.map(({ day, images }) => [day, images]));
  const now = new Map(fresh.map(({ day, images }) => [day, images]));
  const names = [...new Set([...before.keys(), ...now.keys()])].toSorted().toReversed();
  const days: { day: string; images: number }[] = [];
  const changed: string[] = [];
  let added = 0;
  for (const day of names) {
    const [old, next] = [before.get(day) ?? 0, now.get(day) ?? 0];
    const images = takesNew ? next : Math.min(old, next);
    added += next - images;
    if (images !== old) changed.push(day);
    if (images > 0) days.push({ day, images });
  }
  return { days: changed.length === 0 ? shown : days, changed, added };
}
