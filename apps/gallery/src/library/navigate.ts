import type { GridStore, Spot } from './grid-store.ts';

export type Direction = 'left' | 'right' | 'up' | 'down';

/** The cell beside, above or below another one; null where there is none, or where the section is not read yet. */
export function neighbor(store: GridStore, from: Spot, direction: Direction): Spot | null {
  if (direction === 'left') return spotAt(store, from.sectionKey, from.index - 1) ?? edge(store, from, 'before');
  if (direction === 'right') return spotAt(store, from.sectionKey, from.index + 1) ?? edge(store, from, 'after');
  const own = rowsOf(store, from.sectionKey);
  const at = own.findIndex((row) => row.some(({ index }) => index === from.index));
  const row = own[direction === 'down' ? at + 1 : at - 1] ?? edgeRow(store, from, direction);
  return row === undefined ? null : nearest(row, from);
}

/** The first cell that is seen as a whole, else the first of all. */
export function firstSeen(store: GridStore): Spot | null {
  const { position } = store.model;
  let first: Spot | null = null;
  for (const spot of store.spots()) {
    first ??= spot;
    if (topOf(store, spot) >= position) return spot;
  }
  return first;
}

/** The cell that is about so far above or below another one; null if nothing is read there. */
export function spotNear(store: GridStore, from: Spot, distance: number): Spot | null {
  const target = topOf(store, from) + distance;
  const center = from.placed.left + from.placed.width / 2;
  let best: Spot | null = null;
  let least = Infinity;
  for (const spot of store.spots()) {
    const { left, width, height } = spot.placed;
    const miss = Math.abs(topOf(store, spot) - target) * 4 + Math.abs(left + width / 2 - center);
    if (miss < least && Math.abs(topOf(store, spot) - target) < 2 * height) [best, least] = [spot, miss];
  }
  return best;
}

/** The first or last cell of all that is read, if its section is the first or last one. */
export function outermost(store: GridStore, end: 'first' | 'last'): Spot | null {
  const keys = store.model.keys.filter((key) => store.layoutOf(key)?.height !== 0);
  const key = keys.at(end === 'first' ? 0 : -1);
  if (key === undefined) return null;
  return spotAt(store, key, end === 'first' ? 0 : (store.layoutOf(key)?.cells.length ?? 0) - 1);
}

function spotAt(store: GridStore, sectionKey: string, index: number): Spot | null {
  const placed = store.layoutOf(sectionKey)?.cells[index];
  return placed === undefined ? null : { sectionKey, index, placed };
}

/** The last cell of the section before, or the first of the one after. Empty sections are skipped. */
function edge(store: GridStore, from: Spot, side: 'before' | 'after'): Spot | null {
  const key = keyBeside(store, from.sectionKey, side);
  if (key === null) return null;
  return spotAt(store, key, side === 'after' ? 0 : (store.layoutOf(key)?.cells.length ?? 0) - 1);
}

function edgeRow(store: GridStore, from: Spot, direction: 'up' | 'down'): readonly Spot[] | undefined {
  const key = keyBeside(store, from.sectionKey, direction === 'down' ? 'after' : 'before');
  return key === null ? undefined : rowsOf(store, key).at(direction === 'down' ? 0 : -1);
}

function keyBeside(store: GridStore, sectionKey: string, side: 'before' | 'after'): string | null {
  const { keys } = store.model;
  const step = side === 'after' ? 1 : -1;
  for (let at = store.model.indexOf(sectionKey) + step; at >= 0 && at < keys.length; at += step) {
    const key = keys[at];
    const layout = key === undefined ? undefined : store.layoutOf(key);
    if (key === undefined || layout === undefined) return null;
    if (layout.cells.length > 0) return key;
  }
  return null;
}

function rowsOf(store: GridStore, sectionKey: string): readonly (readonly Spot[])[] {
  const cells = store.layoutOf(sectionKey)?.cells ?? [];
  const spots = cells.map((placed, index) => ({ sectionKey, index, placed }));
  return [...Map.groupBy(spots, ({ placed }) => placed.top).values()];
}

/** The cell of a row that is above or below the middle of another one. */
function nearest(row: readonly Spot[], from: Spot): Spot | null {
  const center = from.placed.left + from.placed.width / 2;
  const miss = ({ placed }: Spot): number => Math.max(placed.left - center, center - placed.left - placed.width, 0);
  return row.reduce<Spot | null>((best, spot) => (best === null || miss(spot) < miss(best) ? spot : best), null);
}

function topOf(store: GridStore, { sectionKey, placed }: Spot): number {
  return (store.model.topOf(sectionKey) ?? 0) + placed.top;
}
