import type { BackgroundJob } from '@wan-image/core';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { Logger } from 'pino';
import { v7 as uuidv7 } from 'uuid';
import type { Transaction } from '../database/sql.ts';
import { DatabaseClock } from '../database/database-clock.ts';
import { isDatabaseUnavailable } from '../database/unavailable.ts';
import { WorkerLeases } from '../dispatch/worker-leases.service.ts';
import { ApiError, notFound } from '../domain/api-error.ts';
import type { ReadScope, Scope } from '../domain/scope.ts';
import { BACKGROUND_JOB, JobQueue } from '../jobs/job-queue.ts';
import { PeriodicTasks } from '../jobs/periodic-tasks.ts';
import { ShutdownPhases } from '../jobs/shutdown-phases.ts';
import { withNewContext } from '../telemetry/context.ts';
import { LOGGER } from '../telemetry/logger.ts';
import type { BackgroundJobEntity } from './background-job.entity.ts';
import { BackgroundJobsRepository, type StepResult } from './background-jobs.repository.ts';

export type { StepResult };

/** Interval between checks for jobs of dead processes. */
const ORPHAN_LOOK_MS = 5_000;

/** How often a step is tried before its job fails, and the pause after each. */
const STEP_PAUSES_MS = [200, 1_000, 5_000];

/** How long a job of the service itself rests after it has failed. */
const FAILED_PAUSE_MS = 60 * 60_000;

/** Work of one kind, in steps of some hundred rows. */
export interface JobKind<Prepared = unknown> {
  /** What the step needs, read before its transaction: the embedded database has one connection, which the transaction takes. */
  prepare(job: BackgroundJobEntity): Promise<Prepared>;
  /** Within the transaction of the step, so it has to be short, and to use that transaction alone. */
  step(transaction: Transaction, job: BackgroundJobEntity, prepared: Prepared): Promise<StepResult>;
}

/** Long work: recorded, run by one process at a time, continued by another after a crash. The only place that runs it. */
@Injectable()
export class BackgroundJobs implements OnModuleInit {
  readonly #kinds = new Map<string, JobKind>();
  readonly #running = new Map<string, Promise<void>>();
  #isStopping = false;

  constructor(
    private readonly repository: BackgroundJobsRepository,
    private readonly queue: JobQueue,
    private readonly leases: WorkerLeases,
    private readonly clock: DatabaseClock,
    private readonly tasks: PeriodicTasks,
    private readonly shutdown: ShutdownPhases,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onModuleInit(): void {
    this.tasks.register('background jobs', ORPHAN_LOOK_MS, () => this.#claimOrphaned());
    this.shutdown.on('refuse', () => void (this.#isStopping = true));
    this.shutdown.on('stop', async () => void (await Promise.all(this.#running.values())));
  }

  /** Registers the work of a kind. Call it in `onModuleInit`. */
  register<Prepared>(name: string, kind: JobKind<Prepared>): void {
    // What a kind gets is what it has prepared.
    this.#kinds.set(name, kind);
  }

  /** Starts to run jobs as they come. */
  async start(): Promise<void> {
    await this.queue.work(BACKGROUND_JOB, async ({ id }) => this.#begin(id));
  }

  /** Records a job: some process runs it, also if this one dies. */
  async submit(
    kind: string,
    { projectId }: Scope,
    input: object,
    within: Transaction | undefined,
  ): Promise<BackgroundJob> {
    const createdAt = this.clock.now();
    const job: BackgroundJobEntity = {
      // Listed in the order of their ids, whatever the clock of this process says.
      id: uuidv7({ msecs: createdAt.getTime() }),
      projectId,
      kind,
      state: 'queued',
      input,
      progress: {},
      done: 0,
      total: null,
      result: null,
      error: null,
      workerId: null,
      cancelRequestedAt: null,
      createdAt,
      finishedAt: null,
    };
    await this.repository.insert(job, (sql) => this.queue.send(BACKGROUND_JOB, { id: job.id }, sql), within);
    return recordOf(job);
  }

  /**
   * Runs a job that was submitted without waiting for the queue, unless another process was faster. Resolves once this process no longer runs it;
   * never rejects.
   */
  async run(id: string): Promise<void> {
    this.#begin(id);
    await this.#running.get(id);
  }

  async get(scope: ReadScope, id: string): Promise<BackgroundJob> {
    const job = await this.repository.get(scope, id);
    if (job === null) throw notFound('This job');
    return recordOf(job);
  }

  async list(scope: ReadScope): Promise<readonly BackgroundJob[]> {
    return (await this.repository.list(scope)).map(recordOf);
  }

  /** Stops a job after its current step. What it has done stays done. Throws an ApiError if it has ended. */
  async cancel(scope: Scope, id: string): Promise<BackgroundJob> {
    const found = await this.repository.get(scope, id);
    if (found === null) throw notFound('This job');
    if (found.projectId === null) throw ofService();
    await this.repository.requestCancel(scope, id);
    this.#begin(id);
    await this.#running.get(id);
    const job = await this.get(scope, id);
    if (job.state === 'canceled' || job.state === 'queued' || job.state === 'running') return job;
    throw new ApiError(`The job has already ended, as ${job.state}: there is nothing to cancel.`, {
      status: 409,
      type: 'invalid_request_error',
      code: 'already_ended',
    });
  }

  async #claimOrphaned(): Promise<void> {
    await this.repository.queueFailed(FAILED_PAUSE_MS);
    for (const id of await this.repository.orphaned(this.leases.workerId)) this.#begin(id);
  }

  #begin(id: string): void {
    if (this.#isStopping || this.#running.has(id)) return;
    const running = withNewContext({}, () => this.#run(id)).finally(() => this.#running.delete(id));
    this.#running.set(id, running);
  }

  /** Never rejects. */
  async #run(id: string): Promise<void> {
    const { workerId } = this.leases;
    try {
      const job = await this.repository.claim(id, workerId);
      const kind = job === null ? undefined : this.#kinds.get(job.kind);
      if (job === null) return;
      // A later version of the service has recorded it: its processes know what to do.
      if (kind === undefined) return await this.repository.release(id, workerId);
      for (;;) {
        if (this.#isStopping) return await this.repository.release(id, workerId);
        const step = await this.#step(id, kind);
        if (step === null) return await this.repository.cancel(id, workerId);
        if (step.result !== undefined) return;
      }
    } catch (error) {
      if (isDatabaseUnavailable(error))
        // Nothing is wrong with the job: it is found as orphaned later.
        this.logger.warn({ err: error, job_id: id }, 'a background job waits for the database');
      else await this.#fail(id, error);
    }
  }

  async #fail(id: string, error: unknown): Promise<void> {
    this.logger.error({ err: error, job_id: id }, 'a background job failed');
    const message =
      error instanceof ApiError
        ? error.message
        : 'Internal error. The log of the service has the details under the id of this job.';
    const failure = { type: 'server_error', code: 'job_failed', message, param: null };
    // If the database is away by now, the job is found as orphaned later.
    await this.repository.fail(id, this.leases.workerId, failure).catch(() => undefined);
  }

  async #step(id: string, kind: JobKind): Promise<StepResult | null> {
    for (const pause of STEP_PAUSES_MS) {
      try {
        return await this.#tryStep(id, kind);
      } catch (error) {
        // Bad input stays bad; a busy service has time later.
        if (error instanceof ApiError && error.status < 500) throw error;
        this.logger.warn({ err: error, job_id: id }, 'a step of a background job failed, and is tried again');
        await new Promise((resolve) => setTimeout(resolve, pause));
      }
    }
    return this.#tryStep(id, kind);
  }

  async #tryStep(id: string, kind: JobKind): Promise<StepResult | null> {
    const { workerId } = this.leases;
    // Read each time: a step that seems to have failed may be committed, and what it did is not to be prepared again.
    const job = await this.repository.running(id, workerId);
    if (job === null) return null;
    const prepared = await kind.prepare(job);
    return this.repository.step(id, workerId, (transaction, current) => {
      // The row is locked now: the last step may have been committed only after the job was read.
      if (current.done !== job.done) throw new Error('The job has moved on since this step was prepared.');
      return kind.step(transaction, current, prepared);
    });
  }
}

/** Without an index that is complete a search would miss what there is, and not say so. */
function ofService(): ApiError {
  const message = 'The service needs this job itself: it cannot be canceled. It runs beside everything else.';
  return new ApiError(message, { status: 409, type: 'invalid_request_error', code: 'job_of_service' });
}

function recordOf(job: BackgroundJobEntity): BackgroundJob {
  const { id, kind, state, done, total, result, error } = job;
  return {
    id,
    object: 'job',
    kind,
    state,
    done,
    total,
    result: result && { ...result },
    error,
    created_at: job.createdAt.toISOString(),
    finished_at: job.finishedAt?.toISOString() ?? null,
  };
}
