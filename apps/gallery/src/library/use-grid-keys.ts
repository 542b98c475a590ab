import type { GenerationFilter, ImageListItem } from '@wan-image/core';
import { useQueryClient } from '@tanstack/react-query';
import type { RefObject } from 'react';
import { flushSync } from 'react-dom';
import { useFavorite } from '../changes/changes.ts';
import { useMay } from '../api/service.ts';
import { linkOf } from './link-of.ts';
import { useShortcuts, type KeyHandlers } from '../page/shortcuts.ts';
import type { GridStore, Spot } from './grid-store.ts';
import { firstSeen, neighbor, outermost, spotNear, type Direction } from './navigate.ts';
import { imagesOfDay } from './range.ts';
import { markingOf, selection } from './selection.ts';
import { selectTo, useSelect } from './use-cell-actions.ts';

export interface GridKeysOptions {
  readonly store: GridStore;
  readonly filter: GenerationFilter;
  readonly scroller: RefObject<HTMLElement | null>;
  readonly onLook: (imageId: string) => void;
  readonly onRemove: (images: readonly ImageListItem[]) => void;
}

const ARROWS = [
  ['ArrowLeft', 'left'],
  ['ArrowRight', 'right'],
  ['ArrowUp', 'up'],
  ['ArrowDown', 'down'],
] as const satisfies readonly (readonly [string, Direction])[];

/** A little of the screen before stays visible. */
const PAGE_PART = 0.9;

/** What keys do in the grid. */
export function useGridKeys(options: GridKeysOptions): void {
  const { store, filter, onLook, onRemove } = options;
  const queries = useQueryClient();
  const select = useSelect();
  const favorite = useFavorite();
  const mayChange = useMay('manage');
  const current = (): Spot | null => store.spotOf(store.active()) ?? firstSeen(store);
  const targets = (): readonly ImageListItem[] => {
    const selected = [...selection.get().values()];
    return selected.length > 0 ? selected : (store.spotOf(store.active())?.placed.cell.images ?? []);
  };
  const selectDay = (spot: Spot | null): void => {
    if (spot === null) return;
    const day = store.zone.dayOf(spot.placed.cell.image.created_at);
    select(async () => selection.set(await imagesOfDay({ store, queries, filter, day }), true));
  };
  useShortcuts({
    ...useMovements(options, current),
    ' ': ({ target }) => {
      const spot = current();
      if (spot === null || isControl(target)) return false;
      onLook(spot.placed.cell.image.id);
      return true;
    },
    f() {
      const images = selection.get().size > 0 ? targets() : activeCover(store);
      if (!mayChange || images.length === 0) return;
      favorite.mutate(markingOf(images));
    },
    x: () => selection.toggle(current()?.placed.cell.images ?? []),
    s() {
      const cell = store.spotOf(store.active())?.placed.cell;
      if (cell !== undefined && cell.kind !== 'single') store.toggleStack(cell.image.generation_id);
    },
    'Control+a': () => selectDay(current()),
    Delete: () => mayChange && onRemove(targets()),
    Backspace: () => mayChange && onRemove(targets()),
    Escape() {
      if (selection.get().size === 0) return false;
      selection.clear();
      return true;
    },
  });
}

function useMovements({ store, filter, scroller }: GridKeysOptions, current: () => Spot | null): KeyHandlers {
  const queries = useQueryClient();
  const select = useSelect();
  const isOutside = ({ target }: KeyboardEvent): boolean =>
    isControl(target) || (target !== document.body && !(target instanceof Node && isWithin(target, scroller.current)));
  const show = (spot: Spot | null): void => {
    if (spot !== null) focus(store, spot, scroller.current);
  };
  const move = (event: KeyboardEvent, direction: Direction): unknown => {
    if (isOutside(event)) return false;
    const from = store.spotOf(store.active());
    const to = from === null ? firstSeen(store) : neighbor(store, from, direction);
    if (from !== null && event.shiftKey) extend(from, to);
    if (to === null) nudge(store, direction);
    return show(to);
  };
  const extend = (from: Spot, to: Spot | null): void => {
    if (!selection.has(from.placed.cell.images)) selection.set(from.placed.cell.images, true);
    if (to !== null) select(() => selectTo(store, queries, filter, to.placed.cell.images));
  };
  const page = (event: KeyboardEvent, sign: 1 | -1): unknown => {
    if (isOutside(event)) return false;
    const distance = sign * PAGE_PART * store.model.viewport;
    const from = current();
    store.goToPosition(store.model.position + distance);
    return show(from === null ? null : spotNear(store, from, distance));
  };
  const end = (event: KeyboardEvent, which: 'first' | 'last'): unknown => {
    if (isOutside(event)) return false;
    store.goToPosition(which === 'first' ? 0 : store.model.totalHeight);
    return show(outermost(store, which));
  };
  return {
    ...Object.fromEntries(
      ARROWS.flatMap(([key, direction]) => {
        const handler = (event: KeyboardEvent): unknown => move(event, direction);
        return [
          [key, handler],
          [`Shift+${key}`, handler],
        ];
      }),
    ),
    PageUp: (event) => page(event, -1),
    PageDown: (event) => page(event, 1),
    Home: (event) => end(event, 'first'),
    End: (event) => end(event, 'last'),
  };
}

/** The focus follows at once, so that the next key finds it there. */
function focus(store: GridStore, spot: Spot, scroller: HTMLElement | null): void {
  const { id } = spot.placed.cell.image;
  flushSync(() => {
    store.setActive(id);
    store.reveal(spot);
  });
  linkOf(id, scroller)?.focus({ preventScroll: true });
}

/** The focus comes to the grid: it goes to where it was, or to the first image that is seen. */
export function enterGrid(store: GridStore, scroller: HTMLElement | null): void {
  const active = store.isActiveRendered() ? store.spotOf(store.active()) : null;
  const spot = active ?? firstSeen(store);
  if (spot !== null) focus(store, spot, scroller);
}

/** What comes next is not read yet: it comes into reach. */
function nudge(store: GridStore, direction: Direction): void {
  const sign = direction === 'down' || direction === 'right' ? 1 : -1;
  store.goToPosition(store.model.position + (sign * store.model.viewport) / 2);
}

function activeCover(store: GridStore): readonly ImageListItem[] {
  const image = store.spotOf(store.active())?.placed.cell.image;
  return image === undefined ? [] : [image];
}

/** Space and arrows belong to a button or a slider that has the focus. */
function isControl(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('button, [role="slider"], [role="tab"]') !== null;
}

function isWithin(node: Node, element: HTMLElement | null): boolean {
  return element?.contains(node) ?? false;
}
