import type { Lineage, LineageNode } from '@wan-image/core';

/** A generation in its place on the map. */
interface PlacedNode {
  readonly node: LineageNode;
  /** Generations from the one in the middle, which has 0: ancestors have a negative one. */
  readonly level: number;
  /** Its position within its level, from 0. */
  readonly order: number;
}

/** The map of a lineage: one row or column for each level. */
export interface LineageMap {
  /** By level, then by position. */
  readonly nodes: readonly PlacedNode[];
  /** The least and the greatest level. */
  readonly levels: readonly [first: number, last: number];
  /** Nodes of the fullest level. */
  readonly breadth: number;
}

/** `before`: towards the ancestors. `previous` and `next`: within the level. */
export type MapDirection = 'before' | 'after' | 'previous' | 'next';

/** Gives each generation of a lineage its place: what was made from another one is at least one level after it. */
export function mapLineage({ nodes, edges }: Lineage): LineageMap {
  const [focus] = nodes;
  if (focus === undefined) return { nodes: [], levels: [0, 0], breadth: 0 };
  const levels = levelsOf(focus.id, edges);
  const byLevel = Map.groupBy(nodes, ({ id }) => levels.get(id) ?? 0);
  const orders = new Map<string, number>();
  // From the middle outwards, so that each generation can be put beside those that it is connected with.
  const outwards = [...byLevel.keys()].toSorted((a, b) => Math.abs(a) - Math.abs(b));
  for (const level of outwards) {
    const wished = (id: string): number => {
      const near = edges.flatMap(({ from, to }) => (from === id ? [to] : to === id ? [from] : []));
      const known = near.map((other) => orders.get(other)).filter((order) => order !== undefined);
      return known.length === 0 ? Infinity : known.reduce((sum, order) => sum + order, 0) / known.length;
    };
    const sorted = (byLevel.get(level) ?? [])
      .map((node) => ({ id: node.id, wish: wished(node.id) }))
      .toSorted((a, b) => (a.wish === b.wish ? 0 : a.wish - b.wish));
    sorted.forEach(({ id }, order) => orders.set(id, order));
  }
  const placed = nodes
    .map((node) => ({ node, level: levels.get(node.id) ?? 0, order: orders.get(node.id) ?? 0 }))
    .toSorted((a, b) => a.level - b.level || a.order - b.order);
  const all = [...byLevel.keys()];
  return {
    nodes: placed,
    levels: [Math.min(...all), Math.max(...all)],
    breadth: Math.max(...[...byLevel.values()].map((level) => level.length)),
  };
}

/** The generation that one comes to from another one: a connected one if there is any. Null at the edge of the map. */
export function stepOnMap(map: LineageMap, { edges }: Lineage, id: string, direction: MapDirection): string | null {
  const from = map.nodes.find(({ node }) => node.id === id);
  if (from === undefined) return null;
  if (direction === 'previous' || direction === 'next') {
    const order = from.order + (direction === 'next' ? 1 : -1);
    return map.nodes.find((other) => other.level === from.level && other.order === order)?.node.id ?? null;
  }
  const isAfter = direction === 'after';
  const connected = new Set(
    edges.flatMap((edge) => (isAfter && edge.from === id ? [edge.to] : !isAfter && edge.to === id ? [edge.from] : [])),
  );
  const candidates = map.nodes.filter(({ level }) => (isAfter ? level > from.level : level < from.level));
  const own = candidates.filter(({ node }) => connected.has(node.id));
  const distance = (other: PlacedNode): number =>
    Math.abs(other.level - from.level) * 1000 + Math.abs(other.order - from.order);
  const [nearest] = (own.length > 0 ? own : candidates).toSorted((a, b) => distance(a) - distance(b));
  return nearest?.node.id ?? null;
}

/** The longest way from the generation in the middle, so that no connection stays within a level or leads back. */
function levelsOf(focus: string, edges: Lineage['edges']): ReadonlyMap<string, number> {
  const levels = new Map([[focus, 0]]);
  const spread = (isAfter: boolean): void => {
    // A generation is made from earlier ones alone, so a way ends; a broken response must not hang the page.
    let frontier = [focus];
    for (let level = 1; frontier.length > 0 && level <= edges.length; level++) {
      const found = new Set(
        edges.flatMap(({ from, to }) =>
          isAfter && frontier.includes(from) ? [to] : !isAfter && frontier.includes(to) ? [from] : [],
        ),
      );
      found.delete(focus);
      for (const id of found) levels.set(id, isAfter ? level : -level);
      frontier = [...found];
    }
  };
  spread(false);
  spread(true);
  return levels;
}
