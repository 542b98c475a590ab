import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type { Scope } from '../domain/scope.ts';
import { ShutdownPhases } from '../jobs/shutdown-phases.ts';
import { RetainedRowsRepository, type Found } from './retained-rows.repository.ts';
import { FIRST_ID, hasLimit, nextPosition, type Limits, type Part, type Position } from './retention-parts.ts';
import { RetentionSizes } from './retention-sizes.ts';

/** The longest rest after a piece of work. */
const MAX_REST_MS = 5_000;

/** The next things that have to go. */
export interface Batch {
  readonly found: readonly Found[];
  /** Generations that were looked at to find them. */
  readonly looked: number;
  /** Where they were found. */
  readonly begin: Position;
  /** Behind them, in the same part. The part is `end` if there is nothing more. */
  readonly position: Position;
  /** Whether the part has nothing more. */
  readonly isLast: boolean;
  /** How long the last look took. */
  readonly ms: number;
}

/** Finds what a policy does not keep, batch by batch. It rests as long as it works, so that others have half of the time at least. */
@Injectable()
export class RetentionSearch {
  readonly #stopping = new AbortController();

  constructor(
    private readonly rows: RetainedRowsRepository,
    private readonly sizes: RetentionSizes,
    shutdown: ShutdownPhases,
  ) {
    shutdown.on('refuse', () => this.#stopping.abort());
  }

  get isStopping(): boolean {
    return this.#stopping.signal.aborted;
  }

  /** Waits as long as something took, but not while the service stops. */
  async rest(ms: number): Promise<void> {
    const { signal } = this.#stopping;
    await sleep(Math.min(ms, MAX_REST_MS), undefined, { signal, ref: false }).catch(() => undefined);
  }

  /**
   * The next batch: what goes of at most `most` generations. At `until` (of `performance.now`), and when the service stops, it has found
   * nothing, and is where the search is. `excess` tells by how many bytes the project has too many; null if that is not known in time.
   */
  async next(
    scope: Scope,
    limits: Limits,
    start: Position,
    { until = Infinity, most = Infinity, excess = () => this.#excess(scope, limits) }: SearchOptions = {},
  ): Promise<Batch> {
    let position = start;
    let looked = 0;
    for (;;) {
      const began = performance.now();
      const { part } = position;
      const stopped: Batch = { found: [], looked, begin: position, position, isLast: false, ms: 0 };
      if (part === 'end' || this.isStopping || began > until) return stopped;
      if (part === 'space' && position.excess === null && hasLimit(part, limits)) {
        const bytes = await excess();
        if (bytes === null) return stopped;
        position = withExcess(position, bytes);
      }
      if (!hasLimit(part, limits) || (part === 'space' && (position.excess ?? 0) <= 0)) {
        position = nextPosition(position, limits);
        continue;
      }
      const batch = await this.#chunk(scope, limits, { ...position, part }, looked, most);
      if (batch.found.length > 0) return batch;
      looked = batch.looked;
      position = batch.isLast ? nextPosition(batch.position, limits) : batch.position;
      await this.rest(batch.ms);
    }
  }

  async #chunk(
    scope: Scope,
    limits: Limits,
    begin: Position & { readonly part: Part },
    looked: number,
    most: number,
  ): Promise<Batch> {
    const { part, after } = begin;
    const began = performance.now();
    const limit = this.sizes.search.current;
    let ids: readonly string[];
    let found: readonly Found[];
    try {
      ids = await this.rows.walk(part, scope, limits, after, limit);
      found = ids.length === 0 ? [] : await this.rows.found(part, scope, limits, ids);
    } catch (error) {
      this.sizes.search.failed(limit);
      throw error;
    }
    const ms = performance.now() - began;
    this.sizes.search.took(ids.length, ms);
    const position = { ...begin, after: ids.at(-1) ?? after };
    const whole: Batch = { found, looked: looked + ids.length, begin, position, isLast: ids.length < limit, ms };
    return firstOf(whole, ids, most);
  }

  /** The bytes of all stored output images beyond the limit. They are summed up only if the statistics say that there are too many. */
  async #excess(scope: Scope, { maxBytes }: Limits): Promise<number | null> {
    const counted = await this.rows.countedBytes(scope);
    if (maxBytes === null || (counted !== null && counted <= maxBytes)) return 0;
    const stored = await this.storedBytes(scope);
    return stored === null ? null : stored - maxBytes;
  }

  /** The bytes of all stored output images; null if they are not known at `until`, or the service stops. */
  async storedBytes(scope: Scope, until = Infinity): Promise<number | null> {
    let sum = 0;
    let after = FIRST_ID;
    for (;;) {
      const began = performance.now();
      if (this.isStopping || began > until) return null;
      const some = await this.rows.storedBytes(scope, after);
      if (some === null) return sum;
      sum += some.bytes;
      after = some.last;
      await this.rest(performance.now() - began);
    }
  }
}

interface SearchOptions {
  readonly until?: number;
  readonly most?: number;
  readonly excess?: () => Promise<number | null>;
}

/** The first generations of a batch in which something was found, at most so many. The search continues behind the last of them. */
function firstOf(batch: Batch, ids: readonly string[], most: number): Batch {
  const going = [...new Set(batch.found.map(({ generationId }) => generationId))];
  const last = going[most - 1];
  if (last === undefined || going.length === most) return batch;
  const found = batch.found.filter(({ generationId }) => generationId <= last);
  const looked = batch.looked - (ids.length - ids.indexOf(last) - 1);
  return { ...batch, found, looked, position: { ...batch.position, after: last }, isLast: false };
}

function withExcess(position: Position, excess: number): Position {
  return { ...position, excess };
}

/** The first images whose bytes are together as many as are too many. */
export function upTo(found: readonly Found[], excess: number): readonly Found[] {
  const some: Found[] = [];
  let remaining = excess;
  for (const one of found) {
    if (remaining <= 0) break;
    some.push(one);
    remaining -= one.kept;
  }
  return some;
}
