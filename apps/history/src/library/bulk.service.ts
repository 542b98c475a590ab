import type { BackgroundJob, BulkAction, BulkRequest, BulkResult, GenerationFilter } from '@wan-image/core';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { BackgroundJobEntity } from '../background-jobs/background-job.entity.ts';
import { BackgroundJobs, type StepResult } from '../background-jobs/background-jobs.service.ts';
import type { Transaction } from '../database/sql.ts';
import { DatabaseClock } from '../database/database-clock.ts';
import type { Scope } from '../domain/scope.ts';
import { ListsRepository } from '../generations/lists.repository.ts';
import { LibraryService } from './library.service.ts';

const BULK = 'bulk';

/** Generations of a step: few enough that the locks of its transaction are short. */
const BATCH = 200;

/** What a job over a filter is to do. */
interface BulkInput {
  readonly filter: GenerationFilter;
  readonly change: BulkAction;
}

/** How far it is: the last generation that it looked at, and what it has counted. */
interface BulkProgress {
  readonly after?: string;
  readonly matched?: number;
  readonly changed?: number;
}

/** Changes many generations or images: given ones at once, those of a filter by a job. */
@Injectable()
export class BulkService implements OnModuleInit {
  constructor(
    private readonly library: LibraryService,
    private readonly lists: ListsRepository,
    private readonly jobs: BackgroundJobs,
    private readonly clock: DatabaseClock,
  ) {}

  onModuleInit(): void {
    this.jobs.register(BULK, {
      prepare: (job) => this.#prepare(job),
      step: (transaction, job, ids) => this.#step(transaction, job, ids),
    });
  }

  async change(scope: Scope, { target, change, dryRun }: BulkRequest): Promise<BulkResult | BackgroundJob> {
    if ('ids' in target)
      return dryRun ? this.#matched(scope, target.ids) : this.library.changeGenerations(scope, target.ids, change);
    if ('image_ids' in target)
      return dryRun
        ? this.library.matchedImages(scope, target.image_ids)
        : this.library.changeImages(scope, target.image_ids, change);
    const filter = withBin(target.filter, change);
    if (dryRun) return this.#matching(scope, filter);
    // What is generated from now on is not part of it.
    const now = this.clock.now().toISOString();
    const before = filter.created_before;
    const until = before !== undefined && Date.parse(before) < Date.parse(now) ? before : now;
    const input: BulkInput = { filter: { ...filter, created_before: until }, change };
    return this.jobs.submit(BULK, scope, input);
  }

  async #matched({ projectId }: Scope, ids: readonly string[]): Promise<BulkResult> {
    const matched = await this.lists.existing({ projectId }, ids);
    return { object: 'bulk_result', matched: matched.length, changed: 0 };
  }

  /** Exact, however many: a dry run is asked for to know it. */
  async #matching(scope: Scope, filter: GenerationFilter): Promise<BulkResult> {
    let matched = 0;
    let after: string | null = null;
    for (;;) {
      const ids: readonly string[] = await this.#next(scope, filter, after, 10 * BATCH);
      matched += ids.length;
      after = ids.at(-1) ?? null;
      if (ids.length < 10 * BATCH) return { object: 'bulk_result', matched, changed: 0 };
    }
  }

  /** Each generation is looked at once: the list is walked by ids, whatever the changes do to what the filter selects. */
  #prepare(job: BackgroundJobEntity): Promise<readonly string[]> {
    const { filter } = job.input as BulkInput;
    const { after = null } = job.progress as BulkProgress;
    return this.#next({ projectId: job.projectId ?? '' }, filter, after, BATCH);
  }

  async #step(transaction: Transaction, job: BackgroundJobEntity, ids: readonly string[]): Promise<StepResult> {
    const { change } = job.input as BulkInput;
    const { after = null, matched = 0, changed = 0 } = job.progress as BulkProgress;
    const scope = { projectId: job.projectId ?? '' };
    const result = ids.length === 0 ? null : await this.library.changeGenerations(scope, ids, change, transaction);
    const progress = {
      after: ids.at(-1) ?? after,
      matched: matched + (result?.matched ?? 0),
      changed: changed + (result?.changed ?? 0),
    };
    const done = job.done + ids.length;
    if (ids.length === BATCH) return { progress, done };
    const skipped = progress.matched - progress.changed;
    return { progress, done, total: done, result: { matched: progress.matched, changed: progress.changed, skipped } };
  }

  #next(scope: Scope, filter: GenerationFilter, after: string | null, limit: number): Promise<readonly string[]> {
    const position = after === null ? null : { generationId: after, index: 0 };
    return this.lists.generations({ scope, filter, order: 'desc', after: position, limit });
  }
}

/** What is to be restored is in the bin; everything else is changed only where it is asked for. */
function withBin(filter: GenerationFilter, { action }: BulkAction): GenerationFilter {
  return action === 'restore' ? { ...filter, deleted: true } : filter;
}
