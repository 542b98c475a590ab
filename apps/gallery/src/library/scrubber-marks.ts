import type { Day } from './days.ts';
import type { GridStore } from './grid-store.ts';

/** A label beside the scrubber. */
export interface Mark {
  readonly day: Day;
  readonly kind: 'year' | 'month';
  /** From 0 at the top to 1 at the bottom. */
  readonly at: number;
}

/** Labels closer than this would overlap. */
const MIN_DISTANCE = 28;

/** The years, and as many of the months as fit between them. */
export function marksOf(store: GridStore, viewport: number): readonly Mark[] {
  const length = store.model.totalHeight - store.model.viewport;
  if (length <= 0) return [];
  const months = firstDays(store).map(({ day, key }) => ({
    day,
    at: Math.min(1, (store.model.topOf(key) ?? 0) / length),
  }));
  const years = months.filter(({ day }, at) => day.slice(0, 4) !== months[at - 1]?.day.slice(0, 4));
  const least = MIN_DISTANCE / viewport;
  const marks: Mark[] = [];
  const fits = (at: number): boolean => marks.every((mark) => Math.abs(mark.at - at) >= least);
  for (const { day, at } of years) if (fits(at)) marks.push({ day, kind: 'year', at });
  for (const { day, at } of months) if (fits(at)) marks.push({ day, kind: 'month', at });
  return marks;
}

/** The day with which a section begins; null if that is not known. */
export function dayAt(store: GridStore, index: number): Day | null {
  const key = store.model.keys[index];
  const section = key === undefined ? undefined : store.sectionOf(key);
  if (section === undefined) return null;
  return section.day ?? store.layoutOf(section.key)?.headings[0]?.day ?? section.continues;
}

export type ScrubberStep = 'next' | 'previous' | 'nextMonth' | 'previousMonth' | 'first' | 'last';

/** The section where a key of the scrubber leads to; null if it leads nowhere. */
export function stepFrom(store: GridStore, index: number, step: ScrubberStep): string | null {
  const { keys } = store.model;
  if (step === 'first') return keys[0] ?? null;
  if (step === 'last') return keys.at(-1) ?? null;
  const direction = step === 'next' || step === 'nextMonth' ? 1 : -1;
  const unit = step === 'next' || step === 'previous' ? 10 : 7;
  const from = dayAt(store, index)?.slice(0, unit);
  for (let at = index + direction; at >= 0 && at < keys.length; at += direction) {
    // In a filtered list, pages are all that there is.
    if (from === undefined || dayAt(store, at)?.slice(0, unit) !== from)
      return keys[firstOfUnit(store, at, unit)] ?? null;
  }
  return direction === -1 ? (keys[0] ?? null) : null;
}

/** The first section of the same day or month: upwards, one comes to its last section first. */
function firstOfUnit(store: GridStore, index: number, unit: number): number {
  const name = dayAt(store, index)?.slice(0, unit);
  if (name === undefined) return index;
  let first = index;
  while (first > 0 && dayAt(store, first - 1)?.slice(0, unit) === name) first -= 1;
  return first;
}

function firstDays(store: GridStore): readonly { readonly day: Day; readonly key: string }[] {
  const first = new Map<string, { readonly day: Day; readonly key: string }>();
  for (const [at, { key }] of store.sections.entries()) {
    const day = dayAt(store, at);
    if (day !== null && !first.has(day.slice(0, 7))) first.set(day.slice(0, 7), { day, key });
  }
  return [...first.values()];
}
