import type { ImageListItem } from '@wan-image/core';
import { useEffect, useState, type RefObject } from 'react';
import type { GridStore } from './grid-store.ts';
import type { Layout } from './section.ts';
import { selection } from './selection.ts';

/** A rectangle that is being dragged, in pixels of the scrolled element. */
export interface Marquee {
  readonly width: number;
  readonly height: number;
  readonly transform: string;
}

/** Less is a click of an unsteady hand. */
const THRESHOLD = 6;
/** Near the top and the bottom, the grid scrolls by itself. */
const EDGE = 48;
const EDGE_SPEED = 14;

interface Drag {
  readonly startX: number;
  /** In the content: it stays where it is when the grid scrolls. */
  readonly startY: number;
  readonly before: readonly ImageListItem[];
  /** Of all sections that were rendered meanwhile: what has scrolled away stays touched. */
  readonly layouts: Map<string, Layout>;
  x: number;
  y: number;
  isDragging: boolean;
}

/** Selects what a rectangle touches that is dragged with the mouse. With Shift, Ctrl or ⌘ what was selected before stays so. */
export function useMarquee(scroller: RefObject<HTMLElement | null>, store: GridStore): Marquee | null {
  const [marquee, setMarquee] = useState<Marquee | null>(null);
  useEffect(() => {
    const element = scroller.current;
    if (element === null) return undefined;
    const listener = new MarqueeListener(element, store, setMarquee);
    return () => listener.end();
  }, [scroller, store]);
  return marquee;
}

class MarqueeListener {
  readonly #listeners = new AbortController();
  readonly #element: HTMLElement;
  readonly #store: GridStore;
  readonly #show: (marquee: Marquee | null) => void;
  #drag: Drag | null = null;
  #frame = 0;
  #hasDragged = false;

  constructor(element: HTMLElement, store: GridStore, show: (marquee: Marquee | null) => void) {
    this.#element = element;
    this.#store = store;
    this.#show = show;
    const { signal } = this.#listeners;
    element.addEventListener('pointerdown', (event) => this.#begin(event), { signal });
    element.addEventListener('pointermove', (event) => this.#move(event), { signal });
    element.addEventListener('pointerup', () => this.#drop(), { signal });
    element.addEventListener('pointercancel', () => this.#drop(), { signal });
    // An image that is dragged would be a file for the desktop.
    element.addEventListener('dragstart', (event) => event.preventDefault(), { signal });
    element.addEventListener('click', (event) => this.#click(event), { signal, capture: true });
  }

  end(): void {
    cancelAnimationFrame(this.#frame);
    this.#listeners.abort();
  }

  #begin(event: PointerEvent): void {
    this.#hasDragged = false;
    const isButton = event.target instanceof Element && event.target.closest('button') !== null;
    if (event.pointerType !== 'mouse' || event.button !== 0 || isButton) return;
    const adds = event.shiftKey || event.ctrlKey || event.metaKey;
    const { left, top } = this.#element.getBoundingClientRect();
    this.#drag = {
      startX: event.clientX - left,
      startY: event.clientY - top + this.#store.model.position,
      before: adds ? [...selection.get().values()] : [],
      layouts: new Map(),
      x: event.clientX,
      y: event.clientY,
      isDragging: false,
    };
  }

  #move(event: PointerEvent): void {
    const drag = this.#drag;
    if (drag === null) return;
    // The button was released outside of the element.
    if (event.buttons === 0) return this.#drop();
    if (!drag.isDragging && Math.hypot(event.clientX - drag.x, event.clientY - drag.y) < THRESHOLD) return;
    drag.x = event.clientX;
    drag.y = event.clientY;
    if (drag.isDragging) return;
    drag.isDragging = true;
    this.#element.setPointerCapture(event.pointerId);
    this.#step();
  }

  /** In each frame: near an edge the grid scrolls by itself. */
  #step(): void {
    if (this.#drag === null) return;
    const { top, bottom } = this.#element.getBoundingClientRect();
    if (this.#drag.y < top + EDGE) this.#element.scrollTop -= EDGE_SPEED;
    else if (this.#drag.y > bottom - EDGE) this.#element.scrollTop += EDGE_SPEED;
    this.#update(this.#drag);
    this.#frame = requestAnimationFrame(() => this.#step());
  }

  #update(drag: Drag): void {
    const edges = edgesOf(drag, this.#element, this.#store);
    this.#show(marqueeOf(edges, this.#store));
    selection.replace([...drag.before, ...touched(this.#store, drag.layouts, edges)]);
  }

  #drop(): void {
    if (this.#drag?.isDragging === true) {
      this.#hasDragged = true;
      this.#update(this.#drag);
    }
    this.#drag = null;
    cancelAnimationFrame(this.#frame);
    this.#show(null);
  }

  /** The click that ends a drag opens nothing. One beside all images ends the selection. */
  #click(event: Event): void {
    if (this.#hasDragged) {
      event.preventDefault();
      event.stopPropagation();
      this.#hasDragged = false;
    } else if (event.target instanceof Element && event.target.closest('a, button, [data-cell]') === null)
      selection.clear();
  }
}

interface Edges {
  readonly left: number;
  readonly right: number;
  /** In the content. */
  readonly top: number;
  readonly bottom: number;
}

function edgesOf({ startX, startY, x, y }: Drag, element: HTMLElement, store: GridStore): Edges {
  const box = element.getBoundingClientRect();
  const endX = Math.min(box.width, Math.max(0, x - box.left));
  const endY = Math.min(box.height, Math.max(0, y - box.top)) + store.model.position;
  return {
    left: Math.min(startX, endX),
    right: Math.max(startX, endX),
    top: Math.min(startY, endY),
    bottom: Math.max(startY, endY),
  };
}

function marqueeOf({ left, right, top, bottom }: Edges, { model }: GridStore): Marquee {
  const y = top - model.position + model.scrollTop;
  return { width: right - left, height: bottom - top, transform: `translate(${left}px, ${y}px)` };
}

/** The images under the rectangle, from top to bottom. Adds the layouts of what is rendered now. */
function touched(
  store: GridStore,
  layouts: Map<string, Layout>,
  { left, right, top, bottom }: Edges,
): readonly ImageListItem[] {
  const { model, inset } = store;
  return model.keys.flatMap((key) => {
    const layout = store.layoutOf(key) ?? layouts.get(key);
    if (layout === undefined) return [];
    layouts.set(key, layout);
    const start = model.topOf(key) ?? 0;
    if (start > bottom || start + layout.height < top) return [];
    const cells = layout.cells.filter((placed) => {
      const x = placed.left + inset;
      const y = start + placed.top;
      return x < right && x + placed.width > left && y < bottom && y + placed.height > top;
    });
    return cells.flatMap(({ cell }) => cell.images);
  });
}
