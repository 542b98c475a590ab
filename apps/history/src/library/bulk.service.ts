import type { BackgroundJob, BulkAction, BulkRequest, BulkResult, BulkTarget, GenerationFilter } from '@wan-image/core';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { BackgroundJobEntity } from '../background-jobs/background-job.entity.ts';
import { BackgroundJobs, type StepResult } from '../background-jobs/background-jobs.service.ts';
import type { Transaction } from '../database/sql.ts';
import { DatabaseClock } from '../database/database-clock.ts';
import type { Scope } from '../domain/scope.ts';
import { ListsRepository } from '../generations/lists.repository.ts';
import { SearchProgressRepository } from '../generations/search-progress.repository.ts';
import { LibraryService, type BulkChanges } from './library.service.ts';

const BULK = 'bulk';

/** Generations of a step: few enough that the locks of its transaction are short. */
const BATCH = 200;

/** What a job over a filter is to do. */
interface BulkInput {
  readonly filter: GenerationFilter;
  readonly change: BulkAction;
}

/** How far it is: the last generation that it looked at, and what it has counted. */
interface BulkProgress extends Partial<BulkChanges> {
  readonly after?: string | null;
}

const NOTHING: BulkChanges = { matched: 0, changed: 0, skipped: 0 };

/** Changes many generations or images: given ones at once, those of a filter by a job. */
@Injectable()
export class BulkService implements OnModuleInit {
  constructor(
    private readonly library: LibraryService,
    private readonly lists: ListsRepository,
    private readonly progress: SearchProgressRepository,
    private readonly jobs: BackgroundJobs,
    private readonly clock: DatabaseClock,
  ) {}

  onModuleInit(): void {
    this.jobs.register(BULK, {
      prepare: (job) => this.#prepare(job),
      step: (transaction, job, ids) => this.#step(transaction, job, ids),
    });
  }

  /** Throws an ApiError if the filter cannot find everything yet: the change would leave out what it is meant for, and not say so. */
  async checkComplete({ target }: BulkRequest): Promise<void> {
    if ('filter' in target) await this.progress.checkComplete(target.filter, 'filter');
  }

  /** How many there are of what a change is about. */
  async matched(scope: Scope, { target, change }: BulkRequest): Promise<BulkResult> {
    return { object: 'bulk_result', matched: await this.#total(scope, target, change), changed: 0 };
  }

  /** Carries out a change; over a filter, records a job that will. */
  async change(
    scope: Scope,
    { target, change }: BulkRequest,
    within?: Transaction,
  ): Promise<BulkResult | BackgroundJob> {
    if ('ids' in target) return resultOf(await this.library.changeGenerations(scope, target.ids, change, within));
    if ('image_ids' in target)
      return resultOf(await this.library.changeImages(scope, target.image_ids, change, within));
    const filter = withBin(target.filter, change);
    // What is generated from now on is not part of it.
    const now = this.clock.now().toISOString();
    const before = filter.created_before;
    const until = before !== undefined && Date.parse(before) < Date.parse(now) ? before : now;
    const input: BulkInput = { filter: { ...filter, created_before: until }, change };
    return this.jobs.submit(BULK, scope, input, within);
  }

  async #total(scope: Scope, target: BulkTarget, change: BulkAction): Promise<number> {
    if ('ids' in target) return (await this.lists.existing({ projectId: scope.projectId }, target.ids)).length;
    if ('image_ids' in target) return this.library.matchedImages(scope, target.image_ids);
    return this.#totalOf(scope, withBin(target.filter, change));
  }

  /** Exact, however many: a dry run is asked for to know it. */
  async #totalOf(scope: Scope, filter: GenerationFilter): Promise<number> {
    let matched = 0;
    let after: string | null = null;
    for (;;) {
      const ids: readonly string[] = await this.#next(scope, filter, after, 10 * BATCH);
      matched += ids.length;
      after = ids.at(-1) ?? null;
      if (ids.length < 10 * BATCH) return matched;
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
    const { after = null, ...before } = job.progress as BulkProgress;
    const scope = { projectId: job.projectId ?? '' };
    const changes = ids.length === 0 ? NOTHING : await this.library.changeGenerations(scope, ids, change, transaction);
    const result = sumOf({ ...NOTHING, ...before }, changes);
    const progress: BulkProgress = { ...result, after: ids.at(-1) ?? after };
    const done = job.done + ids.length;
    return ids.length === BATCH ? { progress, done } : { progress, done, total: done, result };
  }

  #next(scope: Scope, filter: GenerationFilter, after: string | null, limit: number): Promise<readonly string[]> {
    const position = after === null ? null : { generationId: after, index: 0 };
    return this.lists.generations({ scope, filter, order: 'desc', after: position, limit });
  }
}

function sumOf(one: BulkChanges, other: BulkChanges): BulkChanges {
  return {
    matched: one.matched + other.matched,
    changed: one.changed + other.changed,
    skipped: one.skipped + other.skipped,
  };
}

function resultOf({ matched, changed }: BulkChanges): BulkResult {
  return { object: 'bulk_result', matched, changed };
}

/** What is to be restored is in the bin; everything else is changed only where it is asked for. */
function withBin(filter: GenerationFilter, { action }: BulkAction): GenerationFilter {
  return action === 'restore' ? { ...filter, deleted: true } : filter;
}
