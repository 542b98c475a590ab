import type { Retention, RetentionMatch, RetentionPolicy, RetentionPreview, RetentionResult } from '@wan-image/core';
import { Injectable } from '@nestjs/common';
import { DatabaseClock } from '../database/database-clock.ts';
import type { Scope } from '../domain/scope.ts';
import { hasLimits, nextPosition, RESULT_OF, startOf, type Part } from './retention-parts.ts';
import { RetentionPoliciesRepository, type StoredPolicy } from './retention-policies.repository.ts';
import { RetentionRuns } from './retention-runs.service.ts';
import { RetentionSearch, upTo } from './retention-search.service.ts';

/** Where a preview stops: so many things, and so long. */
const MAX_PREVIEW = 100_000;
const PREVIEW_MS = 8_000;

const KEEP_ALL: RetentionPolicy = {
  images: { max_age_days: null, max_bytes: null },
  inputs: { max_age_days: null },
  records: { max_age_days: null, max_count: null },
  bin_days: null,
  keep_favorites: true,
  keep_tags: [],
};

/** How long projects keep what was generated. */
@Injectable()
export class RetentionService {
  constructor(
    private readonly policies: RetentionPoliciesRepository,
    private readonly runs: RetentionRuns,
    private readonly search: RetentionSearch,
    private readonly clock: DatabaseClock,
  ) {}

  async get(scope: Scope): Promise<Retention> {
    const stored = await this.policies.get(scope);
    return {
      object: 'retention',
      ...(stored?.policy.policy ?? KEEP_ALL),
      updated_at: stored?.policy.updatedAt.toISOString() ?? null,
      last_run: stored === null ? null : lastRunOf(stored),
    };
  }

  async set(scope: Scope, policy: RetentionPolicy): Promise<Retention> {
    await this.policies.set(scope, policy, hasLimits(policy));
    return this.get(scope);
  }

  /** What a policy would delete today; null for the one that is set. */
  async preview(scope: Scope, policy: RetentionPolicy | null): Promise<RetentionPreview> {
    const until = performance.now() + PREVIEW_MS;
    const applied = policy ?? (await this.policies.get(scope))?.policy.policy ?? KEEP_ALL;
    const limits = await this.runs.limitsOf(scope, applied, this.clock.now());
    const counts = { images: nothing(), inputs: nothing(), records: nothing(), bin: nothing() };
    let total = 0;
    let removed = 0;
    // What the parts before delete does not count towards the limit any more.
    const excess = async (): Promise<number | null> => {
      const stored = await this.search.storedBytes(scope, until);
      return stored === null ? null : stored - removed - (limits.maxBytes ?? 0);
    };
    let position = startOf({});
    for (;;) {
      const batch = await this.search.next(scope, limits, position, { until, excess });
      const { part } = batch.position;
      if (part === 'end') return previewOf(counts, false);
      if (batch.found.length === 0) return previewOf(counts, true);
      const found = part === 'space' ? upTo(batch.found, batch.position.excess ?? 0) : batch.found;
      const some = found.slice(0, MAX_PREVIEW - total);
      add(counts[RESULT_OF[part]], some);
      total += some.length;
      if (some.length < found.length) return previewOf(counts, true);
      const kept = some.reduce((bytes, one) => bytes + one.kept, 0);
      removed += kept;
      const remaining = batch.position.excess === null ? null : batch.position.excess - kept;
      const behind = { ...batch.position, excess: remaining };
      position = batch.isLast || (remaining !== null && remaining <= 0) ? nextPosition(behind, limits) : behind;
    }
  }
}

type Counts = Record<(typeof RESULT_OF)[Part], RetentionMatch>;

function nothing(): RetentionMatch {
  return { matched: 0, bytes: 0 };
}

function add(match: RetentionMatch, found: readonly { readonly bytes: number }[]): void {
  match.matched += found.length;
  for (const { bytes } of found) match.bytes += bytes;
}

function previewOf({ images, inputs, records, bin }: Counts, capped: boolean): RetentionPreview {
  return { object: 'retention_preview', images, inputs, records, bin, capped };
}

const NOTHING_DELETED: RetentionResult = { images: 0, inputs: 0, records: 0, bin: 0, bytes: 0 };

function lastRunOf({ policy: { startedAt, jobId }, job }: StoredPolicy): Retention['last_run'] {
  if (startedAt === null) return null;
  const started_at = startedAt.toISOString();
  if (job === null)
    return { started_at, finished_at: started_at, job_id: jobId, state: 'succeeded', result: NOTHING_DELETED };
  const { state, result, finishedAt } = job;
  return { started_at, finished_at: finishedAt?.toISOString() ?? null, job_id: jobId, state, result };
}
