import { useEffect, useMemo, useRef, useState, useSyncExternalStore, type ReactNode } from 'react';
import UPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { usePreference } from '../page/preference.ts';
import { themePreference } from '../page/theme.ts';
import { stacked, type Series } from './figures.ts';
import styles from './plot.module.css';

export interface PlotProps {
  /** For those who cannot see it. */
  readonly label: string;
  /** What stands below each place of the horizontal axis, short. */
  readonly names: readonly string[];
  readonly series: readonly Series[];
  /** `bars` are stacked: their sum means something. Default `bars`. */
  readonly kind?: 'bars' | 'lines' | undefined;
  readonly format: (value: number) => string;
  /** The least distance of two marks of the vertical axis; default 1, as for what is counted. */
  readonly step?: number | undefined;
}

const HEIGHT = 220;

/** How many colors there are for series. */
const COLORS = 6;

/** A plot over days, with the values of the day below the pointer. */
export function Plot({ label, names, series, kind = 'bars', format, step = 1 }: PlotProps): ReactNode {
  const host = useRef<HTMLDivElement>(null);
  const legend = useRef<HTMLUListElement>(null);
  const [hovered, setHovered] = useState<number | null>(null);
  const theme = useShownTheme();
  const shown = useMemo(
    () => ({ names, series, kind, format, step, theme }),
    [names, series, kind, format, step, theme],
  );
  useEffect(() => {
    if (host.current === null || legend.current === null) return undefined;
    const element = host.current;
    // A canvas knows no custom properties: the colors are those that the legend has come out with.
    const colors = Array.from(legend.current.querySelectorAll('i'), (swatch) => getComputedStyle(swatch).color);
    const { color: text, borderTopColor: line } = getComputedStyle(element);
    const plot = new UPlot(
      optionsOf({ ...shown, width: element.clientWidth, colors, text, line, onHover: setHovered }),
      dataOf(shown),
      element,
    );
    const observer = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: HEIGHT }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      plot.destroy();
    };
  }, [shown]);
  return (
    <div role="img" aria-label={label} className={styles['plot']}>
      <div aria-hidden="true" className={styles['head']}>
        <ul ref={legend} className={styles['legend']}>
          {series.map((one, at) => (
            <li key={one.label} className={styles['key']}>
              <i className={styles[`color${(at % COLORS) + 1}`]} data-kind={kind} data-dashed={at > 0} />
              {one.label}
              <b className={styles['value']}>{hovered === null ? '' : valueAt(one, hovered, format)}</b>
            </li>
          ))}
        </ul>
        <span className={styles['name']}>{hovered === null ? '' : names[hovered]}</span>
      </div>
      <div ref={host} className={styles['host']} />
    </div>
  );
}

function valueAt({ values }: Series, at: number, format: (value: number) => string): string {
  const value = values[at];
  return value === null || value === undefined ? '–' : format(value);
}

type Shown = Required<Pick<PlotProps, 'names' | 'series' | 'format'>> & {
  readonly kind: 'bars' | 'lines';
  readonly step: number;
  /** Its colors are read when the plot is drawn. */
  readonly theme: string;
};

/** The tallest of stacked bars first, so that the others are drawn over it. */
function dataOf({ names, series, kind }: Shown): UPlot.AlignedData {
  const values = kind === 'lines' ? series.map((one) => one.values) : stacked(series).toReversed();
  return [names.map((_, at) => at), ...values.map((one) => one.slice())];
}

interface PlotOptions extends Shown {
  readonly width: number;
  readonly colors: readonly string[];
  readonly text: string;
  readonly line: string;
  readonly onHover: (index: number | null) => void;
}

function optionsOf({ names, kind, format, step, width, colors, text, line, onHover }: PlotOptions): UPlot.Options {
  const axis = { stroke: text, font: '12px system-ui, sans-serif', ticks: { show: false } };
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { show: kind === 'lines' } },
    scales: {
      x: { time: false, range: () => [-0.5, names.length - 0.5] },
      y: { range: (_plot, _min, max) => [0, Math.max(max * 1.1, step)] },
    },
    axes: [
      {
        ...axis,
        size: 28,
        grid: { show: false },
        incrs: [1, 2, 7, 14, 30, 60, 91, 182, 365],
        space: 64,
        values: (_plot, splits) => splits.map((at) => names[at] ?? ''),
      },
      {
        ...axis,
        size: 64,
        grid: { stroke: line, width: 1 },
        incrs: STEPS.map((one) => one * step),
        values: (_plot, splits) => splits.map(format),
      },
    ],
    series: [{}, ...(kind === 'lines' ? linesOf(colors) : barsOf(colors))],
    hooks: { setCursor: [(plot) => onHover(plot.cursor.idx ?? null)] },
  };
}

/** 1, 2, 5, 10, … */
const STEPS = Array.from({ length: 13 }, (_, power) => [1, 2, 5].map((one) => one * 10 ** power)).flat();

/** The second is dashed: nobody has to tell two lines apart by their colors alone. */
function linesOf(colors: readonly string[]): UPlot.Series[] {
  return colors.map((stroke, at) => ({
    stroke,
    width: 2,
    spanGaps: true,
    // A day between two without generations is no line.
    points: { show: true, size: 5, fill: stroke },
    dash: at > 0 ? [6, 4] : [],
  }));
}

function barsOf(colors: readonly string[]): UPlot.Series[] {
  const paths = UPlot.paths.bars?.({ size: [0.75, 48] });
  const bar = (fill: string): UPlot.Series => ({
    fill,
    stroke: fill,
    width: 0,
    points: { show: false },
    ...(paths && { paths }),
  });
  return colors.toReversed().map(bar);
}

/** Changes when the colors do. */
function useShownTheme(): string {
  const chosen = usePreference(themePreference);
  const isDark = useSyncExternalStore(subscribeToSystem, () => matchMedia(DARK).matches);
  return `${chosen} ${isDark}`;
}

const DARK = '(prefers-color-scheme: dark)';

function subscribeToSystem(onChange: () => void): () => void {
  const query = matchMedia(DARK);
  query.addEventListener('change', onChange);
  return () => query.removeEventListener('change', onChange);
}
