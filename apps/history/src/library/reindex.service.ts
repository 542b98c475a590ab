import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { BackgroundJobEntity } from '../background-jobs/background-job.entity.ts';
import { BackgroundJobs, type StepResult } from '../background-jobs/background-jobs.service.ts';
import type { Transaction } from '../database/sql.ts';
import { DatabaseClock } from '../database/database-clock.ts';
import { REINDEX } from '../domain/job-kinds.ts';
import { PeriodicTasks, UPKEEP_INTERVAL_MS } from '../jobs/periodic-tasks.ts';
import { ReindexRepository } from '../ledger/reindex.repository.ts';

/** Generations of a step. */
const BATCH = 300;

/** How long ago a generation may have begun whose end a replica of an older version has just recorded: longer than most wait and run. */
const RECENT_MS = 30 * 60_000;

interface ReindexProgress {
  readonly before?: string;
}

/** Makes searchable what an older version of the service recorded: everything by a job that the migration asks for, newest first. */
@Injectable()
export class ReindexService implements OnModuleInit {
  constructor(
    private readonly rows: ReindexRepository,
    private readonly jobs: BackgroundJobs,
    private readonly clock: DatabaseClock,
    private readonly tasks: PeriodicTasks,
  ) {}

  onModuleInit(): void {
    this.jobs.register(REINDEX, {
      prepare: () => Promise.resolve(),
      step: (transaction, job) => this.#step(transaction, job),
    });
    // While replicas of several versions run, the older ones record what cannot be found.
    this.tasks.register('search index', UPKEEP_INTERVAL_MS, () =>
      this.rows.reindexSince(new Date(this.clock.now().getTime() - RECENT_MS), BATCH),
    );
  }

  async #step(manager: Transaction, job: BackgroundJobEntity): Promise<StepResult> {
    const { before = null } = job.progress as ReindexProgress;
    const { last, count } = await this.rows.reindexBefore(manager, before, BATCH);
    const done = job.done + count;
    if (count < BATCH) return { progress: {}, done, total: done, result: { indexed: done } };
    const total = job.total ?? (await this.rows.count(manager));
    return { progress: { before: last ?? before }, done, total: Math.max(total, done) };
  }
}
