import type { Lineage, LineageNode } from '@wan-image/core';
import { useRef, useState, useSyncExternalStore, type KeyboardEvent, type ReactNode } from 'react';
import styles from './lineage.module.css';
import { LineageNodeView } from './lineage-node-view.tsx';
import { mapLineage, stepOnMap, type LineageMap, type MapDirection } from './lineage-map.ts';

/** Of a generation on the map, in pixels. */
const NODE = { width: 128, height: 148 } as const;
const GAP = { level: 48, sibling: 16 } as const;

/** Levels are columns; on a phone, rows. */
const NARROW = '(max-width: 40rem)';

/** The arrow keys, in a map whose levels are columns. */
const STEPS: Readonly<Record<string, MapDirection>> = {
  ArrowLeft: 'before',
  ArrowRight: 'after',
  ArrowUp: 'previous',
  ArrowDown: 'next',
};
const NARROW_STEPS: Readonly<Record<string, MapDirection>> = {
  ArrowUp: 'before',
  ArrowDown: 'after',
  ArrowLeft: 'previous',
  ArrowRight: 'next',
};

interface Spot {
  readonly left: number;
  readonly top: number;
}

/** The map of a lineage. One of its generations has the focus; arrow keys move it. */
export function LineageView({ lineage }: { readonly lineage: Lineage }): ReactNode {
  const isNarrow = useIsNarrow();
  const map = mapLineage(lineage);
  const current = lineage.nodes[0]?.id ?? '';
  const [focused, setFocused] = useState(current);
  const list = useRef<HTMLUListElement>(null);
  const spots = spotsOf(map, isNarrow);
  const size = sizeOf(map, isNarrow);
  const onKey = (event: KeyboardEvent): void => {
    const direction = (isNarrow ? NARROW_STEPS : STEPS)[event.key];
    if (direction === undefined) return;
    event.preventDefault();
    const next = stepOnMap(map, lineage, focused, direction);
    if (next === null) return;
    setFocused(next);
    list.current?.querySelector<HTMLElement>(`[data-node="${CSS.escape(next)}"]`)?.focus();
  };
  return (
    <div className={styles['scroller']}>
      {/* The keys belong to the links inside. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions */}
      <ul ref={list} className={styles['map']} style={size} onKeyDown={onKey}>
        <Edges lineage={lineage} spots={spots} isNarrow={isNarrow} size={size} />
        {map.nodes.map(({ node }) => (
          <li key={node.id} className={styles['spot']} style={{ ...NODE, ...spots.get(node.id) }}>
            <LineageNodeView
              node={node}
              isCurrent={node.id === current}
              isFocusable={node.id === focused}
              onFocus={() => setFocused(node.id)}
            />
          </li>
        ))}
      </ul>
    </div>
  );
}

interface EdgesProps {
  readonly lineage: Lineage;
  readonly spots: ReadonlyMap<LineageNode['id'], Spot>;
  readonly isNarrow: boolean;
  readonly size: { readonly width: number; readonly height: number };
}

function Edges({ lineage, spots, isNarrow, size }: EdgesProps): ReactNode {
  return (
    <li aria-hidden="true" className={styles['edges']}>
      <svg {...size}>
        {lineage.edges.map(({ from, to, kind, image_id }) => {
          const [start, end] = [spots.get(from), spots.get(to)];
          if (start === undefined || end === undefined) return null;
          return (
            <path
              key={`${from} ${to} ${kind} ${image_id}`}
              d={curve(start, end, isNarrow)}
              className={styles['edge']}
              data-kind={kind}
            />
          );
        })}
      </svg>
    </li>
  );
}

/** From the end of one node to the beginning of another one. */
function curve(from: Spot, to: Spot, isNarrow: boolean): string {
  if (isNarrow) {
    const [x1, y1] = [from.left + NODE.width / 2, from.top + NODE.height];
    const [x2, y2] = [to.left + NODE.width / 2, to.top];
    const middle = (y1 + y2) / 2;
    return `M${x1} ${y1}C${x1} ${middle} ${x2} ${middle} ${x2} ${y2}`;
  }
  const [x1, y1] = [from.left + NODE.width, from.top + NODE.height / 2];
  const [x2, y2] = [to.left, to.top + NODE.height / 2];
  const middle = (x1 + x2) / 2;
  return `M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}`;
}

function spotsOf({ nodes, levels: [first], breadth }: LineageMap, isNarrow: boolean): ReadonlyMap<string, Spot> {
  const sizes = Map.groupBy(nodes, ({ level }) => level);
  return new Map(
    nodes.map(({ node, level, order }) => {
      // Each level stands in the middle of the fullest one.
      const place = order + (breadth - (sizes.get(level)?.length ?? 1)) / 2;
      const spot = isNarrow
        ? { left: place * (NODE.width + GAP.sibling), top: (level - first) * (NODE.height + GAP.level) }
        : { left: (level - first) * (NODE.width + GAP.level), top: place * (NODE.height + GAP.sibling) };
      return [node.id, spot];
    }),
  );
}

function sizeOf({ levels: [first, last], breadth }: LineageMap, isNarrow: boolean): EdgesProps['size'] {
  const count = last - first + 1;
  const along = isNarrow ? NODE.height : NODE.width;
  const across = isNarrow ? NODE.width : NODE.height;
  const length = count * along + (count - 1) * GAP.level;
  const width = breadth * across + (breadth - 1) * GAP.sibling;
  return isNarrow ? { width, height: length } : { width: length, height: width };
}

function useIsNarrow(): boolean {
  return useSyncExternalStore(
    (onChange) => {
      const query = matchMedia(NARROW);
      query.addEventListener('change', onChange);
      return () => query.removeEventListener('change', onChange);
    },
    () => matchMedia(NARROW).matches,
  );
}
