import type { ImageList, Timeline } from '@wan-image/core';
import type { DayZone } from './days.ts';
import { mergeTimeline } from './merge-timeline.ts';
import { ScrollModel, type Anchor, type Visible } from './scroll-model.ts';
import {
  guessHeight,
  shapeOf,
  USUAL_SHAPE,
  type Layout,
  type LayoutOptions,
  type PlacedCell,
  type Section,
  type Shape,
} from './section.ts';
import { sectionsOfTimeline, withRest } from './sections.ts';

/** A cell, and the section that has it. */
export interface Spot {
  readonly sectionKey: string;
  readonly index: number;
  readonly placed: PlacedCell;
}

/** An image that is to be shown once its section is read. */
export interface Wanted {
  readonly id: string;
  readonly created_at: string;
}

/** What a reload keeps of a list. */
export interface SavedPosition extends Anchor {
  readonly active: string | null;
  /** Of a filtered list. */
  readonly pages: readonly Section[];
}

/** Faster than this many screens a second, nothing is read: it would be gone before it arrived. */
const FAST_SCREENS = 6;

/** After so long without a scroll event, the scroll has ended. */
const REST_MS = 140;

/**
 * Everything about one list that outlives its view: the sections, where they are, what is opened, where the keyboard is. So whoever comes back
 * finds it as it was.
 */
export class GridStore {
  readonly model = new ScrollModel();
  readonly zone: DayZone;
  #sections: readonly Section[] = [];
  #byKey = new Map<string, Section>();
  /** Of sections that are rendered. */
  readonly #layouts = new Map<string, Layout>();
  /** Sections whose height is no guess. */
  readonly #measured = new Map<string, number>();
  #shape: Shape = USUAL_SHAPE;
  #options: LayoutOptions | null = null;
  #snapshot: Visible | null = null;
  #isFast = false;
  #inset = 0;
  /** The counts of days that the sections are made of; null before they are known. */
  #shownDays: Timeline['data'] | null = null;
  #added = 0;
  #lastScroll = { time: 0, position: 0 };
  #resting: ReturnType<typeof setTimeout> | undefined;
  #opened: ReadonlySet<string> = new Set();
  #active: string | null = null;
  #focusWanted: string | null = null;
  #wanted: Wanted | null = null;
  #restored: Anchor | null = null;
  readonly #listeners = new Set<() => void>();

  constructor(zone: DayZone) {
    this.zone = zone;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** The same object until something changes that is rendered. */
  readonly snapshot = (): Visible => (this.#snapshot ??= this.model.visible());

  readonly isFast = (): boolean => this.#isFast;

  /** The id of the image that the keyboard is at. */
  readonly active = (): string | null => this.#active;

  /** The generations whose stacks are opened; another set after each change. */
  readonly opened = (): ReadonlySet<string> => this.#opened;

  get sections(): readonly Section[] {
    return this.#sections;
  }

  get options(): LayoutOptions | null {
    return this.#options;
  }

  sectionOf(key: string): Section | undefined {
    return this.#byKey.get(key);
  }

  layoutOf(key: string): Layout | undefined {
    return this.#layouts.get(key);
  }

  /** How many new images wait above what is shown. */
  readonly added = (): number => this.#added;

  /** Between the left edge of the element and the images. */
  get inset(): number {
    return this.#inset;
  }

  /**
   * Shows these days, as far as that moves nothing that somebody looks at. Returns those whose images are to be read again.
   */
  showDays(days: Timeline['data'], takesNew: boolean): readonly string[] {
    const merged = mergeTimeline(this.#shownDays, days, takesNew);
    const isShown = merged.days === this.#shownDays;
    this.#shownDays = merged.days;
    this.#added = merged.added;
    if (isShown) this.#notify();
    else this.setSections(sectionsOfTimeline(merged.days, this.zone, Date.now()));
    return merged.changed;
  }

  setSize(options: LayoutOptions, viewport: number, inset: number): void {
    this.#inset = inset;
    const isWider = this.#options?.width !== options.width || this.#options.rowHeight !== options.rowHeight;
    this.#options = options;
    this.model.setViewport(viewport);
    if (isWider) this.#guessAll();
    this.#goToRestored();
    this.#changed();
  }

  /** Where the list was before a reload. The pages of a filtered list are known by their cursors only, so they come along. */
  restore({ pages, active, ...anchor }: SavedPosition): void {
    this.#active = active;
    this.#restored = anchor;
    if (pages.length > 0) this.setSections(pages);
  }

  /** Whether it begins where it was before a reload, and not at its top. */
  isRestored(): boolean {
    return this.#restored !== null;
  }

  /** A new element shows this list: it is scrolled to where the list was. */
  attach(scrollTop: number): void {
    this.model.attach(scrollTop);
    this.showWanted();
    // Whoever comes back goes on with the keyboard where they were, if that is still seen.
    const active = this.spotOf(this.#active);
    if (active !== null && this.#isSeen(active)) this.#focusWanted = this.#active;
    this.#changed();
  }

  /** The element is gone. */
  settle(): void {
    clearTimeout(this.#resting);
    this.#isFast = false;
    this.model.rest();
  }

  setSections(sections: readonly Section[]): void {
    if (sections === this.#sections) return;
    this.#sections = sections;
    this.#byKey = new Map(sections.map((section) => [section.key, section]));
    this.model.setSections(sections.map((section) => ({ key: section.key, height: this.#heightOf(section) })));
    this.#goToRestored();
    this.#changed();
  }

  /** The images of a section were read. */
  onRead(section: Section, page: ImageList): void {
    if (this.#shape === USUAL_SHAPE && page.data.length > 0) {
      this.#shape = shapeOf(page.data);
      if (this.#measured.size === 0) this.#guessAll();
    }
    this.setSections(withRest(this.#sections, section, page, this.zone));
  }

  /** A section was laid out. */
  setLayout(key: string, layout: Layout): void {
    this.#layouts.set(key, layout);
    const isFirst = !this.#measured.has(key);
    if (this.#measured.get(key) === layout.height) return;
    this.#measured.set(key, layout.height);
    this.model.setHeight(key, layout.height, isFirst);
    if (this.#restored?.key === key) {
      // Only now is it known where in the section that was.
      this.model.goToAnchor(this.#restored);
      this.#restored = null;
    }
    this.#changed();
  }

  /** A section is no longer rendered. Its height stays known. */
  dropLayout(key: string): void {
    this.#layouts.delete(key);
  }

  onScroll(scrollTop: number, time: number): void {
    this.model.scrolledTo(scrollTop);
    const { position, viewport } = this.model;
    const seconds = Math.max(0.001, (time - this.#lastScroll.time) / 1000);
    const speed = Math.abs(position - this.#lastScroll.position) / viewport / seconds;
    this.#lastScroll = { time, position };
    // The first event after a pause says nothing about the speed, unless it jumps.
    this.#setFast(seconds < 0.5 && speed > FAST_SCREENS);
    clearTimeout(this.#resting);
    this.#resting = setTimeout(() => this.#rest(), REST_MS);
    this.#refreshVisible();
  }

  /** Scrolls to a place, at once. */
  goTo(anchor: Anchor): void {
    this.model.goToAnchor(anchor);
    this.#changed();
  }

  goToPosition(position: number): void {
    this.model.goTo(position);
    this.#changed();
  }

  /** While somebody drags over months, nothing is read. */
  setDragging(isDragging: boolean): void {
    this.#setFast(isDragging);
    this.#changed();
  }

  setActive(id: string | null): void {
    if (id === this.#active) return;
    this.#active = id;
    this.#notify();
  }

  /** The keyboard is to be at an image once it is rendered. */
  moveFocus(id: string): void {
    this.#focusWanted = id;
    this.setActive(id);
  }

  /** The image that is to get the focus, if it can be seen now; once. */
  takeFocus(): string | null {
    const spot = this.spotOf(this.#focusWanted);
    if (spot === null) return null;
    const id = this.#focusWanted;
    this.#focusWanted = null;
    // Whoever comes back finds the page where it was, also where the image is close to the edge.
    if (!this.#isSeen(spot)) this.reveal(spot);
    return id;
  }

  /** Opens or closes a stack. */
  toggleStack(generationId: string): void {
    const opened = new Set(this.#opened);
    if (!opened.delete(generationId)) opened.add(generationId);
    this.#opened = opened;
    this.#changed();
  }

  /** All cells that are rendered, or about to be, from top to bottom. */
  *spots(): Generator<Spot, void, void> {
    for (const key of this.model.keys) {
      const layout = this.#layouts.get(key);
      if (layout === undefined) continue;
      for (const [index, placed] of layout.cells.entries()) yield { sectionKey: key, index, placed };
    }
  }

  spotOf(imageId: string | null): Spot | null {
    if (imageId === null) return null;
    for (const spot of this.spots()) if (spot.placed.cell.images.some(({ id }) => id === imageId)) return spot;
    return null;
  }

  /** Whether the keyboard can reach the grid through a cell: the one where it was is rendered. */
  readonly isActiveRendered = (): boolean => {
    const spot = this.spotOf(this.#active);
    if (spot === null) return false;
    const top = this.model.offsetOf(this.model.indexOf(spot.sectionKey)) + spot.placed.top;
    const visible = this.snapshot();
    return top + spot.placed.height > visible.top && top < visible.bottom;
  };

  /** Whether nothing of a cell is cut. */
  #isSeen({ sectionKey, placed }: Spot): boolean {
    const top = (this.model.topOf(sectionKey) ?? 0) + placed.top - this.model.position;
    return top >= 0 && top + placed.height <= this.model.viewport;
  }

  /** Scrolls as little as needed for a cell to be seen as a whole. */
  reveal({ sectionKey, placed }: Spot): void {
    const top = (this.model.topOf(sectionKey) ?? 0) + placed.top;
    const { position, viewport } = this.model;
    const margin = 8;
    const heading = this.#options?.headingHeight ?? 0;
    if (top - heading < position) this.goToPosition(top - heading);
    else if (top + placed.height + margin > position + viewport)
      this.goToPosition(top + placed.height + margin - viewport);
  }

  /** Shows an image, once its section is read. */
  want(wanted: Wanted): void {
    // The keyboard is there already: nothing is to move.
    if (wanted.id === this.#active) return;
    this.#wanted = wanted;
    this.#active = wanted.id;
    this.showWanted();
  }

  /** Scrolls to what is wanted: to its section first, then to itself. */
  showWanted(): void {
    const wanted = this.#wanted;
    if (wanted === null || this.#sections.length === 0) return;
    const spot = this.spotOf(wanted.id);
    if (spot !== null) {
      this.#wanted = null;
      this.reveal(spot);
      return;
    }
    const section = this.#sections.find(({ range }) => isWithin(wanted.created_at, range));
    if (section === undefined || this.#layouts.has(section.key)) {
      // It is gone, or on a page that is not read: the place stays as it is.
      this.#wanted = null;
      return;
    }
    this.goTo({ key: section.key, offset: 0 });
  }

  isAtTop(): boolean {
    return this.model.position < 40;
  }

  /** Once both the size and the sections are known. */
  #goToRestored(): void {
    if (this.#restored === null || this.#options === null || this.#sections.length === 0) return;
    this.model.goToAnchor(this.#restored);
  }

  #guessAll(): void {
    this.#measured.clear();
    this.model.setHeights((key) => {
      const section = this.#byKey.get(key);
      return section === undefined ? 0 : this.#heightOf(section);
    });
    this.#changed();
  }

  #heightOf(section: Section): number {
    const measured = this.#measured.get(section.key);
    if (measured !== undefined) return measured;
    return this.#options === null ? 0 : guessHeight(section, this.#shape, this.#options);
  }

  #rest(): void {
    this.model.rest();
    this.#setFast(false);
    this.#changed();
  }

  #setFast(isFast: boolean): void {
    if (isFast === this.#isFast) return;
    this.#isFast = isFast;
    this.#notify();
  }

  /** A scroll renders only when other rows come into reach. */
  #refreshVisible(): void {
    const old = this.#snapshot;
    const next = this.model.visible();
    const isSame =
      old !== null &&
      !this.model.hasShift &&
      old.start === next.start &&
      old.end === next.end &&
      old.top === next.top &&
      old.contentHeight === next.contentHeight;
    this.#snapshot = isSame ? old : next;
    this.#notify();
  }

  #changed(): void {
    this.#snapshot = this.model.visible();
    this.#notify();
  }

  #notify(): void {
    this.#listeners.forEach((listener) => listener());
  }
}

function isWithin(time: string, { created_after, created_before }: Section['range']): boolean {
  if (created_after === undefined || created_before === undefined) return false;
  return time >= created_after && time < created_before;
}
