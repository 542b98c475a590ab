import type { GenerationFilter, ImageListItem } from '@wan-image/core';
import { aspectOf, cellsOf, type Cell } from './cells.ts';
import type { Day, DayZone } from './days.ts';
import { boundedAspect, justify, type Box, type JustifyOptions } from './justify.ts';

/** Images that are read by one request and laid out together: a day, a slice of a long day, or a page of a filtered list. */
export interface Section {
  /** The same for as long as it is about the same images, also after a reload. */
  readonly key: string;
  /** About how many images it has. Exact once they are read. */
  readonly count: number;
  /** Of a filtered list, what the page adds to the filter; of a day, when its images were created. */
  readonly range: Pick<GenerationFilter, 'created_after' | 'created_before'>;
  readonly cursor: string | null;
  /** The day that it is known to begin with; null if only its images tell. */
  readonly day: Day | null;
  /** The day whose heading stands already above it; null if it begins with a heading. */
  readonly continues: Day | null;
  /** Whether what follows may continue its last day. */
  readonly isOpen: boolean;
}

export interface PlacedHeading {
  readonly day: Day;
  readonly top: number;
  /** Images of that day in this section. */
  readonly images: readonly ImageListItem[];
}

export interface PlacedCell extends Box {
  readonly cell: Cell;
}

/** Where everything of a section is, in pixels from its own top left. */
export interface Layout {
  readonly headings: readonly PlacedHeading[];
  readonly cells: readonly PlacedCell[];
  readonly height: number;
}

export interface LayoutOptions extends JustifyOptions {
  readonly headingHeight: number;
}

const NOTHING: Layout = { headings: [], cells: [], height: 0 };

/** Lays out a section whose images are known. Without images it takes no place, its heading included. */
export function layOut(
  section: Pick<Section, 'continues' | 'isOpen'>,
  images: readonly ImageListItem[],
  zone: DayZone,
  opened: ReadonlySet<string>,
  options: LayoutOptions,
): Layout {
  const days = groupByDay(images, zone);
  return days.reduce<Layout>((above, [day, own], at) => {
    const isLast = at === days.length - 1;
    return below(above, day, own, {
      hasHeading: !(at === 0 && section.continues === day),
      opened,
      options: { ...options, isOpen: isLast && section.isOpen },
    });
  }, NOTHING);
}

interface DayOptions {
  readonly hasHeading: boolean;
  readonly opened: ReadonlySet<string>;
  readonly options: LayoutOptions;
}

function below(
  above: Layout,
  day: Day,
  images: readonly ImageListItem[],
  { hasHeading, opened, options }: DayOptions,
): Layout {
  const top = above.height + (hasHeading ? options.headingHeight : 0);
  const cells = cellsOf(images, opened);
  const { boxes, height } = justify(
    cells.map(({ image }) => aspectOf(image)),
    options,
  );
  const placed = boxes.flatMap((box, at) => {
    const cell = cells[at];
    return cell === undefined ? [] : [{ ...box, top: box.top + top, cell }];
  });
  return {
    headings: hasHeading ? [...above.headings, { day, top: above.height, images }] : above.headings,
    cells: [...above.cells, ...placed],
    // The gap below the last row makes the next section continue as if there were no seam.
    height: top + height + options.gap,
  };
}

function groupByDay(
  images: readonly ImageListItem[],
  zone: DayZone,
): readonly (readonly [Day, readonly ImageListItem[]])[] {
  return [...Map.groupBy(images, ({ created_at }) => zone.dayOf(created_at))];
}

/** What sections look like whose images are not read: learnt from those that are. */
export interface Shape {
  /** Sum of the aspect ratios of cells, by images: a stack of four counts as a quarter for each of its images. */
  readonly aspectPerImage: number;
}

/** Before anything is read: squares, and some of them in stacks. */
export const USUAL_SHAPE: Shape = { aspectPerImage: 1 };

/** The shape of images that were read. */
export function shapeOf(images: readonly ImageListItem[]): Shape {
  if (images.length === 0) return USUAL_SHAPE;
  const cells = cellsOf(images, new Set());
  const sum = cells.reduce((total, { image }) => total + boundedAspect(aspectOf(image)), 0);
  return { aspectPerImage: Math.max(0.05, sum / images.length) };
}

/** About how high a section is whose images are not read. */
export function guessHeight(section: Section, shape: Shape, options: LayoutOptions): number {
  const { width, rowHeight, gap, headingHeight } = options;
  const heading = section.continues === null ? headingHeight : 0;
  const rows = Math.max(1, Math.ceil((section.count * shape.aspectPerImage * rowHeight) / width));
  return heading + rows * (rowHeight + gap);
}
