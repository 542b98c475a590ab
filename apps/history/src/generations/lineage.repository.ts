import type { LineageEdge } from '@wan-image/core';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { READS } from '../database/database.ts';

/** What is within reach of a generation by ancestors and descendants. */
export interface Lineage {
  /** The generation itself, then the nearest ones. */
  readonly ids: readonly string[];
  readonly edges: readonly LineageEdge[];
  /** Whether there are more. */
  readonly truncated: boolean;
}

type Direction = 'ancestors' | 'descendants';

interface EdgeRow {
  readonly from: string;
  readonly to: string;
  readonly kind: LineageEdge['kind'];
  readonly image_id: string;
}

/** Reads what generations were made from, and what was made from them. All of it is of one project. */
@Injectable()
export class LineageRepository {
  constructor(@Inject(READS) private readonly dataSource: DataSource) {}

  /** Level by level, so that the nearest ones come first: ancestors of ancestors, descendants of descendants; at most `most` of them. */
  async of(id: string, most: number): Promise<Lineage> {
    const nodes = new Set([id]);
    const edges = new Map<string, LineageEdge>();
    let truncated = false;
    let levels: readonly [Direction, readonly string[]][] = [
      ['ancestors', [id]],
      ['descendants', [id]],
    ];
    while (levels.length > 0) {
      const next: [Direction, readonly string[]][] = [];
      for (const [direction, ids] of levels) {
        const rows = await this.#edges(direction, ids, 2 * most);
        truncated ||= rows.length >= 2 * most;
        const found = new Set<string>();
        for (const row of rows) {
          const other = direction === 'ancestors' ? row.from : row.to;
          if (!nodes.has(other) && nodes.size >= most) {
            truncated = true;
            continue;
          }
          if (!nodes.has(other)) found.add(other);
          nodes.add(other);
          edges.set(`${row.from} ${row.to} ${row.kind} ${row.image_id}`, edgeOf(row));
        }
        if (found.size > 0) next.push([direction, [...found]]);
      }
      levels = next;
    }
    return { ids: [...nodes], edges: [...edges.values()], truncated };
  }

  async #edges(direction: Direction, ids: readonly string[], limit: number): Promise<readonly EdgeRow[]> {
    const [mine, other] = direction === 'ancestors' ? ['child_id', 'parent_id'] : ['parent_id', 'child_id'];
    return this.dataSource.query<EdgeRow[]>(
      `select parent_id as "from", child_id as "to", kind, image_id from derivation
       where ${mine} = any($1::uuid[]) order by ${mine}, ${other} limit ${limit}`,
      [ids],
    );
  }
}

function edgeOf({ from, to, kind, image_id: imageId }: EdgeRow): LineageEdge {
  return { from, to, kind, image_id: imageId === '' ? null : imageId };
}
