import pino from 'pino';
import { v7 as uuidv7 } from 'uuid';
import type { BackgroundJobEntity } from '../../src/background-jobs/background-job.entity.ts';
import { BackgroundJobsRepository } from '../../src/background-jobs/background-jobs.repository.ts';
import type { BackgroundJobs, JobKind } from '../../src/background-jobs/background-jobs.service.ts';
import type { Database } from '../../src/database/database.ts';
import type { Scope } from '../../src/domain/scope.ts';
import { PeriodicTasks } from '../../src/jobs/periodic-tasks.ts';
import { ShutdownPhases } from '../../src/jobs/shutdown-phases.ts';
import { BinRepository } from '../../src/ledger/bin.repository.ts';
import { InputCopiesRepository } from '../../src/ledger/input-copies.repository.ts';
import { PurgeRepository } from '../../src/ledger/purge.repository.ts';
import { LibraryRepository } from '../../src/library/library.repository.ts';
import { LibraryService } from '../../src/library/library.service.ts';
import { RetainedRowsRepository } from '../../src/retention/retained-rows.repository.ts';
import { RetentionPoliciesRepository } from '../../src/retention/retention-policies.repository.ts';
import { RetentionRuns } from '../../src/retention/retention-runs.service.ts';
import { RetentionSearch, type Batch } from '../../src/retention/retention-search.service.ts';
import { RetentionSizes } from '../../src/retention/retention-sizes.ts';
import { RetentionService } from '../../src/retention/retention.service.ts';

export interface RetentionProcess {
  readonly runs: RetentionRuns;
  readonly service: RetentionService;
  /** What its jobs do. The test runs them, step by step. */
  readonly kind: JobKind<Batch>;
}

/** The retention of a process that has just started, without anything that an earlier one had in memory. */
export function startRetention({ dataSource, reads, clock }: Database, sizes: RetentionSizes): RetentionProcess {
  const kinds: JobKind<Batch>[] = [];
  const recorded = new BackgroundJobsRepository(dataSource);
  const jobs = {
    register: (_name: string, kind: JobKind<Batch>) => void kinds.push(kind),
    submit: async (kind: string, { projectId }: Scope, input: object, within: never) => {
      const job = { ...JOB, id: uuidv7(), projectId, kind, input, createdAt: new Date() };
      await recorded.insert(job, () => Promise.resolve(), within);
      return { id: job.id };
    },
    run: () => Promise.resolve(),
  };
  const bin = new BinRepository(dataSource);
  const rows = new RetainedRowsRepository(reads);
  const policies = new RetentionPoliciesRepository(dataSource);
  const search = new RetentionSearch(rows, sizes, new ShutdownPhases());
  const runs = new RetentionRuns(
    policies,
    rows,
    search,
    sizes,
    bin,
    new LibraryService(bin, new PurgeRepository(bin), new LibraryRepository(dataSource)),
    new InputCopiesRepository(),
    // Of the service that runs jobs only these are used.
    jobs as unknown as BackgroundJobs,
    clock,
    new PeriodicTasks(pino({ level: 'silent' })),
  );
  runs.onModuleInit();
  const [kind] = kinds;
  if (kind === undefined) throw new Error('Retention has registered no kind of job');
  return { runs, service: new RetentionService(policies, runs, search, clock), kind };
}

const JOB: Omit<BackgroundJobEntity, 'id' | 'projectId' | 'kind' | 'input' | 'createdAt'> = {
  state: 'queued',
  progress: {},
  done: 0,
  total: null,
  result: null,
  error: null,
  workerId: null,
  cancelRequestedAt: null,
  finishedAt: null,
};
