import {
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
  type KeyboardEvent,
  type PointerEvent,
  type ReactNode,
} from 'react';
import { useTranslations } from 'use-intl';
import { useMonthName, useShortDay } from './day-name.ts';
import type { Day } from './days.ts';
import type { GridStore } from './grid-store.ts';
import { dayAt, marksOf, stepFrom, type ScrubberStep } from './scrubber-marks.ts';
import styles from './scrubber.module.css';

const STEPS: Readonly<Record<string, ScrubberStep>> = {
  ArrowDown: 'next',
  ArrowRight: 'next',
  ArrowUp: 'previous',
  ArrowLeft: 'previous',
  PageDown: 'nextMonth',
  PageUp: 'previousMonth',
  Home: 'first',
  End: 'last',
};

/** Stands in for the scrollbar: the whole library with its years and months. A drag or a click lands on the day that it names. */
export function Scrubber({ store }: { readonly store: GridStore }): ReactNode {
  const length = useSyncExternalStore(store.subscribe, () => store.model.totalHeight - store.model.viewport);
  return length > 0 && <Track store={store} length={length} />;
}

function Track({ store, length }: { readonly store: GridStore; readonly length: number }): ReactNode {
  const track = useRef<HTMLDivElement>(null);
  const [pointedAt, setPointedAt] = useState<number | null>(null);
  const drag = useDrag(store, track, setPointedAt);
  return (
    <div className={styles['scrubber']}>
      <div ref={track} className={styles['track']} {...drag}>
        <Marks store={store} />
        <Thumb store={store} length={length} />
        {pointedAt !== null && <Bubble store={store} at={pointedAt} />}
      </div>
    </div>
  );
}

function Thumb({ store, length }: { readonly store: GridStore; readonly length: number }): ReactNode {
  const t = useTranslations('library');
  // It moves with each pixel, other than the rows.
  const position = useSyncExternalStore(store.subscribe, () => Math.round(store.model.position));
  const shortDay = useShortDay();
  const index = store.model.indexAt(position);
  const day = dayAt(store, index);
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = STEPS[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const key = stepFrom(store, index, step);
    if (key !== null) store.goTo({ key, offset: 0 });
  };
  return (
    <div
      role="slider"
      tabIndex={0}
      aria-label={t('scrubber')}
      aria-orientation="vertical"
      aria-valuemin={0}
      aria-valuemax={Math.max(0, store.sections.length - 1)}
      aria-valuenow={index}
      aria-valuetext={day === null ? undefined : shortDay(day)}
      className={styles['thumb']}
      style={{ top: `${Math.min(1, Math.max(0, position / length)) * 100}%` }}
      onKeyDown={onKeyDown}
    />
  );
}

/** The day that a click would land on. */
function Bubble({ store, at }: { readonly store: GridStore; readonly at: number }): ReactNode {
  const shortDay = useShortDay();
  const day = dayAt(store, indexAt(store, at));
  if (day === null) return null;
  return (
    <div className={styles['bubble']} style={{ top: `${at * 100}%` }} aria-hidden="true">
      {shortDay(day)}
    </div>
  );
}

function Marks({ store }: { readonly store: GridStore }): ReactNode {
  const monthName = useMonthName();
  const sections = useSyncExternalStore(store.subscribe, () => store.sections);
  const total = useSyncExternalStore(store.subscribe, () => Math.round(store.model.totalHeight / 500));
  const viewport = useSyncExternalStore(store.subscribe, () => store.model.viewport);
  // oxlint-disable-next-line react-hooks/exhaustive-deps -- the heights are in the store, and `total` changes with them
  const marks = useMemo(() => marksOf(store, viewport), [store, sections, total, viewport]);
  const nameOf = (day: Day, kind: 'year' | 'month'): string => (kind === 'year' ? day.slice(0, 4) : monthName(day));
  return marks.map(({ day, kind, at }) => (
    <span key={`${day} ${kind}`} className={styles[kind]} style={{ top: `${at * 100}%` }} aria-hidden="true">
      {nameOf(day, kind)}
    </span>
  ));
}

interface DragHandlers {
  readonly onPointerDown: (event: PointerEvent) => void;
  readonly onPointerMove: (event: PointerEvent) => void;
  readonly onPointerUp: () => void;
  readonly onPointerCancel: () => void;
  readonly onPointerLeave: () => void;
}

function useDrag(
  store: GridStore,
  track: { readonly current: HTMLElement | null },
  setPointedAt: (at: number | null) => void,
): DragHandlers {
  const isDragging = useRef(false);
  const fractionOf = ({ clientY }: PointerEvent): number => {
    const box = track.current?.getBoundingClientRect();
    return box === undefined || box.height === 0 ? 0 : Math.min(1, Math.max(0, (clientY - box.top) / box.height));
  };
  const goTo = (at: number): void => {
    const key = store.model.keys[indexAt(store, at)];
    const section = key === undefined ? undefined : store.sectionOf(key);
    // Pages of a filtered list have no day of their own: the place itself is meant.
    if (section === undefined || section.day === null)
      store.goToPosition(at * (store.model.totalHeight - store.model.viewport));
    else store.goTo({ key: section.key, offset: 0 });
  };
  const end = (): void => {
    if (!isDragging.current) return;
    isDragging.current = false;
    store.setDragging(false);
    setPointedAt(null);
  };
  return {
    onPointerDown(event) {
      if (event.button !== 0) return;
      event.preventDefault();
      track.current?.setPointerCapture(event.pointerId);
      isDragging.current = true;
      store.setDragging(true);
      const at = fractionOf(event);
      setPointedAt(at);
      goTo(at);
    },
    onPointerMove(event) {
      if (event.pointerType !== 'mouse' && !isDragging.current) return;
      const at = fractionOf(event);
      setPointedAt(at);
      if (isDragging.current) goTo(at);
    },
    onPointerUp: end,
    onPointerCancel: end,
    onPointerLeave: () => !isDragging.current && setPointedAt(null),
  };
}

function indexAt({ model }: GridStore, at: number): number {
  return model.indexAt(at * Math.max(0, model.totalHeight - model.viewport));
}
