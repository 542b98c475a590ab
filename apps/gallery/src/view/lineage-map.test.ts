import type { Lineage } from '@wan-image/core';
import { expect, test } from 'vitest';
import { mapLineage, stepOnMap } from './lineage-map.ts';

/** A lineage of edges such as `a>b`, seen from the first of the ids. */
function lineageOf(ids: string, ...edges: readonly string[]): Lineage {
  return {
    object: 'lineage',
    nodes: ids.split('').map((id) => ({
      id,
      exists: true,
      state: 'succeeded',
      model: 'wan2.7-image',
      prompt: id,
      created_at: '2026-11-28T10:00:00.000Z',
      deleted_at: null,
      images: [],
    })),
    edges: edges.map((edge) => ({ from: edge[0] ?? '', to: edge[2] ?? '', kind: 'rerun', image_id: null })),
    truncated: false,
  };
}

function levelsOf(lineage: Lineage): Record<string, string> {
  return Object.fromEntries(mapLineage(lineage).nodes.map(({ node, level, order }) => [node.id, `${level}/${order}`]));
}

test('ancestors are before, descendants after', () => {
  const lineage = lineageOf('mpgxy', 'g>p', 'p>m', 'm>x', 'm>y');
  expect(levelsOf(lineage)).toEqual({ g: '-2/0', p: '-1/0', m: '0/0', x: '1/0', y: '1/1' });
  expect(mapLineage(lineage)).toMatchObject({ levels: [-2, 1], breadth: 2 });
});

test('a connection never stays within a level, even beside a shorter way', () => {
  // c was made of both m and b, b of m.
  expect(levelsOf(lineageOf('mbc', 'm>b', 'm>c', 'b>c'))).toEqual({ m: '0/0', b: '1/0', c: '2/0' });
});

test('what is connected is near', () => {
  expect(levelsOf(lineageOf('mabyx', 'm>a', 'm>b', 'b>y', 'a>x'))).toMatchObject({ x: '2/0', y: '2/1' });
});

test('a generation alone is its own map', () => {
  expect(levelsOf(lineageOf('m'))).toEqual({ m: '0/0' });
  expect(mapLineage(lineageOf('')).nodes).toEqual([]);
});

test('a response that contradicts itself is still laid out', () => {
  expect(Object.keys(levelsOf(lineageOf('mab', 'm>a', 'a>b', 'b>a', 'a>m'))).toSorted()).toEqual(['a', 'b', 'm']);
});

test('steps follow the connections, and end at the edge', () => {
  const lineage = lineageOf('mpabxy', 'p>m', 'm>a', 'm>b', 'b>x', 'b>y');
  const map = mapLineage(lineage);
  const step = (id: string, direction: 'before' | 'after' | 'previous' | 'next') =>
    stepOnMap(map, lineage, id, direction);
  expect([step('m', 'before'), step('m', 'after'), step('p', 'before')]).toEqual(['p', 'a', null]);
  expect([step('a', 'next'), step('b', 'previous'), step('b', 'next')]).toEqual(['b', 'a', null]);
  // Of two, the one that is straight ahead.
  expect([step('b', 'after'), step('x', 'before')]).toEqual(['y', 'b']);
});
