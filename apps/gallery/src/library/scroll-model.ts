/** What has a place in the scrolled content, from top to bottom. */
export interface Placed {
  readonly key: string;
  readonly height: number;
}

/** A position that survives what is inserted, removed or measured above it. */
export interface Anchor {
  readonly key: string;
  /** From the top of the section, in pixels. */
  readonly offset: number;
}

/** What a view renders. */
export interface Visible {
  /** Pixels of the scrolled element. */
  readonly contentHeight: number;
  /** Where it is scrolled to. */
  readonly scrollTop: number;
  /** Indexes of the first section to render and of the one after the last. */
  readonly start: number;
  readonly end: number;
  /** What of the content is to be rendered, in pixels of the scrolled element: a screen more above and below than is seen. */
  readonly top: number;
  readonly bottom: number;
}

/** No element may be higher than this: Firefox ends at 17 million pixels, Chromium at 33. */
export const MAX_CONTENT_HEIGHT = 6_000_000;

/** When the part of the content that has pixels is nearly scrolled through, another part gets them. */
const MARGIN_SCREENS = 4;

/**
 * Positions of sections in a content of any height, of which a window of at most {@link MAX_CONTENT_HEIGHT} has pixels. A height that
 * changes above what is seen moves the window instead of the content, so nothing that is seen moves, and a scroll that is under way goes on.
 */
export class ScrollModel {
  #keys: readonly string[] = [];
  #indexes = new Map<string, number>();
  #heights: number[] = [];
  #tops: number[] = [0];
  /** Where the top of the scrolled element is in the content. */
  #origin = 0;
  #scrollTop = 0;
  #viewport = 1;
  #shift = 0;

  /** The height of everything, also of what has no pixels. */
  get totalHeight(): number {
    return this.#tops.at(-1) ?? 0;
  }

  /** Where the top of the viewport is in the content. */
  get position(): number {
    return this.#origin + this.#scrollTop;
  }

  /** Whether the element is to be scrolled. */
  get hasShift(): boolean {
    return this.#shift !== 0;
  }

  get viewport(): number {
    return this.#viewport;
  }

  get keys(): readonly string[] {
    return this.#keys;
  }

  setViewport(height: number): void {
    this.#viewport = Math.max(1, height);
    this.#settle();
  }

  /** Replaces the sections. What is seen stays where it is, or what comes next if it is gone. */
  setSections(sections: readonly Placed[]): void {
    const anchor = this.anchor();
    const wasAt = anchor === null ? 0 : (this.#indexes.get(anchor.key) ?? 0);
    const before = this.#keys;
    this.#keys = sections.map(({ key }) => key);
    this.#heights = sections.map(({ height }) => height);
    this.#indexes = new Map(this.#keys.map((key, at) => [key, at]));
    this.#measure();
    if (anchor === null) return this.#settle();
    // At the very top, what is new is to be seen.
    if (this.position <= 0) return this.goTo(0);
    const survivor = before.slice(wasAt).find((key) => this.#indexes.has(key));
    if (survivor === undefined) return this.goTo(this.position);
    this.#moveOrigin({ key: survivor, offset: survivor === anchor.key ? anchor.offset : 0 });
  }

  /** A section was measured. `isFirst`: it had a guess until now. */
  setHeight(key: string, height: number, isFirst: boolean): void {
    const at = this.#indexes.get(key);
    if (at === undefined) return;
    const old = this.#heights[at] ?? 0;
    if (old === height) return;
    const top = this.#tops[at] ?? 0;
    const bottom = top + old;
    const { position } = this;
    const next = this.#tops[at + 1] ?? 0;
    const nextIsSeen = at + 1 < this.#keys.length && next >= position && next < position + this.#viewport;
    const isAbove = bottom <= position;
    const isCut = top < position && !isAbove;
    this.#heights[at] = height;
    this.#measure();
    if (isAbove || (isCut && isFirst && nextIsSeen)) this.#origin += height - old;
    else if (isCut && isFirst && old > 0) this.#origin += ((position - top) / old) * (height - old);
    this.#settle();
  }

  /** Replaces all heights, for example when the width changes. What is seen stays, as far as it is the same section. */
  setHeights(heightOf: (key: string) => number): void {
    const anchor = this.anchor();
    const at = anchor === null ? -1 : (this.#indexes.get(anchor.key) ?? -1);
    const old = this.#heights[at] ?? 0;
    this.#heights = this.#keys.map(heightOf);
    this.#measure();
    if (anchor === null) return;
    if (this.position <= 0) return this.goTo(0);
    const scale = old === 0 ? 1 : (this.#heights[at] ?? 0) / old;
    this.#moveOrigin({ key: anchor.key, offset: anchor.offset * scale });
  }

  /** Another element shows the content, which is scrolled to this place. */
  attach(scrollTop: number): void {
    this.#shift = this.#scrollTop - scrollTop;
  }

  /** The user scrolled. */
  scrolledTo(scrollTop: number): void {
    // Until the element has been moved, it reports places of the window before.
    this.#scrollTop = scrollTop + this.#shift;
    if (this.#isNearEdge()) this.#recenter();
  }

  /**
   * By how much the element is to be scrolled since it was asked last. A distance, not a place: meanwhile, the user may have scrolled on.
   */
  takeShift(): number {
    const shift = this.#shift;
    this.#shift = 0;
    return shift;
  }

  /** Nothing moves any more: the window may get its natural place. */
  rest(): void {
    const last = Math.max(0, this.totalHeight - MAX_CONTENT_HEIGHT);
    if (this.#origin < 0 || this.#origin > last || this.#isNearEdge()) this.#recenter();
  }

  /** Scrolls to a position in the content. */
  goTo(position: number): void {
    const most = Math.max(0, this.totalHeight - this.#viewport);
    const target = Math.min(most, Math.max(0, position));
    this.#moveTo(target - this.#origin);
    if (this.#scrollTop < 0 || this.#scrollTop > this.contentHeight - this.#viewport || this.#isNearEdge())
      this.#recenter();
  }

  /** Scrolls to a place in a section. */
  goToAnchor({ key, offset }: Anchor): void {
    const top = this.topOf(key);
    if (top !== null) this.goTo(top + offset);
  }

  /** What is at the top of the viewport; null if there is nothing. */
  anchor(): Anchor | null {
    const at = this.indexAt(this.position);
    const key = this.#keys[at];
    return key === undefined ? null : { key, offset: this.position - (this.#tops[at] ?? 0) };
  }

  /** Where a section begins in the content. */
  topOf(key: string): number | null {
    const at = this.#indexes.get(key);
    return at === undefined ? null : (this.#tops[at] ?? 0);
  }

  heightOf(key: string): number {
    return this.#heights[this.#indexes.get(key) ?? -1] ?? 0;
  }

  /** The place of a section in the order; -1 if there is none. */
  indexOf(key: string): number {
    return this.#indexes.get(key) ?? -1;
  }

  /** Where a section begins in the scrolled element. */
  offsetOf(index: number): number {
    return (this.#tops[index] ?? 0) - this.#origin;
  }

  /** The section at a position of the content. */
  indexAt(position: number): number {
    let low = 0;
    let high = this.#keys.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((this.#tops[middle] ?? 0) <= position) low = middle;
      else high = middle - 1;
    }
    return Math.max(0, low);
  }

  get contentHeight(): number {
    return Math.max(this.#viewport, Math.min(MAX_CONTENT_HEIGHT, this.totalHeight - this.#origin));
  }

  get scrollTop(): number {
    return this.#scrollTop;
  }

  /** What to render. Steps of half a screen, so that a scroll does not render each time. */
  visible(): Visible {
    const step = this.#viewport / 2;
    const from = Math.floor(this.#scrollTop / step) * step - this.#viewport;
    const to = from + 3.5 * this.#viewport;
    const start = this.indexAt(this.#origin + from);
    let end = start;
    while (end < this.#keys.length && this.offsetOf(end) < to) end += 1;
    return { contentHeight: this.contentHeight, scrollTop: this.#scrollTop, start, end, top: from, bottom: to };
  }

  #measure(): void {
    const tops = [0];
    let top = 0;
    for (const height of this.#heights) tops.push((top += height));
    this.#tops = tops;
  }

  #moveOrigin({ key, offset }: Anchor): void {
    const position = (this.topOf(key) ?? 0) + offset;
    this.#origin = position - this.#scrollTop;
    this.#settle();
  }

  /** Nothing may be out of reach, and no blank may be seen. */
  #settle(): void {
    const most = Math.max(0, this.totalHeight - this.#viewport);
    if (this.position > most || this.position < 0) this.goTo(this.position);
    else if (this.#isNearEdge()) this.#recenter();
  }

  #isNearEdge(): boolean {
    const margin = MARGIN_SCREENS * this.#viewport;
    const isNearTop = this.#scrollTop < margin && this.#origin !== 0;
    const below = this.contentHeight - this.#scrollTop - this.#viewport;
    const hidden = this.totalHeight - this.#origin - this.contentHeight;
    return isNearTop || (below < margin && hidden > 0);
  }

  /** Gives the pixels to what is around the viewport. */
  #recenter(): void {
    const { position } = this;
    const most = Math.max(0, this.totalHeight - MAX_CONTENT_HEIGHT);
    this.#origin = Math.round(Math.min(most, Math.max(0, position - MAX_CONTENT_HEIGHT / 2)));
    this.#moveTo(position - this.#origin);
  }

  #moveTo(scrollTop: number): void {
    this.#shift += scrollTop - this.#scrollTop;
    this.#scrollTop = scrollTop;
  }
}
