/** A rectangle of the grid, in pixels from the top left of what was laid out. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Boxes from `start` to before `end`, of the same height, side by side. */
interface Row {
  readonly start: number;
  readonly end: number;
  readonly top: number;
  readonly height: number;
}

export interface Justified {
  readonly boxes: readonly Box[];
  readonly rows: readonly Row[];
  readonly height: number;
}

export interface JustifyOptions {
  readonly width: number;
  /** The height that rows are to come close to. */
  readonly rowHeight: number;
  readonly gap: number;
  /** Whether what follows continues these rows, so that the last one must be full too. */
  readonly isOpen?: boolean | undefined;
}

/** Wider and taller images are cropped to these, so that a panorama is no thread, and a column no needle. */
const MIN_ASPECT = 0.4;
const MAX_ASPECT = 4;

/** A full row may be this much higher or lower than it should be. */
const MAX_SCALE = 1.6;

/** A row has fewer boxes than this: on a wide screen with narrow images there is no need for more. */
const MAX_IN_ROW = 64;

/**
 * Lays out boxes of these aspect ratios in rows that fill the width exactly, in their order. The breaks are chosen for all rows together, so
 * that their heights differ as little as possible, as a good typesetter breaks lines. Only the last row may be shorter than the width.
 */
export function justify(aspects: readonly number[], options: JustifyOptions): Justified {
  const shown = aspects.map(boundedAspect);
  const rows: Row[] = [];
  const boxes: Box[] = [];
  let top = 0;
  for (const { start, end, height, isFull } of breakRows(shown, options)) {
    const row = { start, end, top, height };
    rows.push(row);
    boxes.push(...boxesOf(row, shown, options, isFull));
    top += height + options.gap;
  }
  return { boxes, rows, height: Math.max(0, top - options.gap) };
}

/** The aspect ratio at which an image is shown. */
export function boundedAspect(aspect: number): number {
  return Math.min(MAX_ASPECT, Math.max(MIN_ASPECT, aspect));
}

/** About how high `count` boxes of this mean aspect ratio become, without knowing any of them. */
export function estimatedHeight(count: number, meanAspect: number, { width, rowHeight, gap }: JustifyOptions): number {
  if (count === 0) return 0;
  const perRow = Math.max(1, (width + gap) / (meanAspect * rowHeight + gap));
  const rows = Math.ceil(count / perRow);
  return rows * (rowHeight + gap) - gap;
}

interface Break {
  readonly start: number;
  readonly end: number;
  readonly height: number;
  readonly isFull: boolean;
}

/** The breaks with the least cost, from the last one backwards. */
function breakRows(aspects: readonly number[], options: JustifyOptions): readonly Break[] {
  const best: { cost: number; row: Break | null }[] = [{ cost: 0, row: null }];
  for (let end = 1; end <= aspects.length; end += 1) best.push(bestRowTo(end, aspects, best, options));
  const rows: Break[] = [];
  for (let end = aspects.length; end > 0;) {
    const row = best[end]?.row;
    // Each end has a row: that of its last box alone.
    if (!row) break;
    rows.push(row);
    end = row.start;
  }
  return rows.toReversed();
}

function bestRowTo(
  end: number,
  aspects: readonly number[],
  best: readonly { readonly cost: number }[],
  options: JustifyOptions,
): { cost: number; row: Break } {
  const isLast = end === aspects.length;
  let found: { cost: number; row: Break } | null = null;
  let sum = 0;
  for (let start = end - 1; start >= Math.max(0, end - MAX_IN_ROW); start -= 1) {
    sum += aspects[start] ?? 1;
    const row = rowOf(start, end, sum, options, isLast);
    const cost = (best[start]?.cost ?? Infinity) + costOf(row, options);
    if (found === null || cost < found.cost) found = { cost, row };
    // More boxes make the row only lower.
    if (row.isFull && row.height < options.rowHeight / MAX_SCALE) break;
  }
  return found ?? { cost: Infinity, row: rowOf(end - 1, end, aspects[end - 1] ?? 1, options, isLast) };
}

function rowOf(start: number, end: number, sum: number, options: JustifyOptions, isLast: boolean): Break {
  const { width, rowHeight, gap, isOpen = false } = options;
  const full = (width - gap * (end - start - 1)) / sum;
  const mayBeShort = isLast && !isOpen && full > rowHeight;
  if (mayBeShort) return { start, end, height: rowHeight, isFull: false };
  // A row that would be too high, for want of boxes, stays as wide as its boxes are at the greatest height.
  const most = rowHeight * MAX_SCALE;
  return full > most
    ? { start, end, height: most, isFull: false }
    : { start, end, height: Math.max(1, full), isFull: true };
}

function costOf({ height, isFull }: Break, { rowHeight }: JustifyOptions): number {
  const scale = Math.log(height / rowHeight);
  // A gap at the right edge is what looks wrong, if it is not at the very end.
  return scale * scale + (isFull || height === rowHeight ? 0 : 4);
}

/** Whole pixels, so that neither edges nor gaps are blurred: each box ends where the next gap begins, and the last one at the width. */
function boxesOf(
  { start, end, top, height }: Row,
  aspects: readonly number[],
  { width, gap }: JustifyOptions,
  isFull: boolean,
): readonly Box[] {
  const boxes: Box[] = [];
  let exact = 0;
  for (let at = start; at < end; at += 1) {
    const left = Math.round(exact);
    exact += (aspects[at] ?? 1) * height;
    const right = isFull && at === end - 1 ? width : Math.min(width, Math.round(exact));
    boxes.push({ left, top, width: Math.max(1, right - left), height });
    exact += gap;
  }
  return boxes;
}
