import { Injectable } from '@nestjs/common';
import { DataSource, IsNull, type EntityManager, type FindOptionsWhere } from 'typeorm';
import { TRANSACTION_LIMITS } from '../database/limits.ts';
import { inTransaction, type RunSql, type Transaction } from '../database/sql.ts';
import { DEFAULT_PROJECT_ID } from '../domain/project-id.ts';
import { ALL_PROJECTS, type ReadScope, type Scope } from '../domain/scope.ts';
import { LEASE_MS } from '../dispatch/worker-leases.service.ts';
import { isAliveSql } from '../ledger/ledger.repository.ts';
import { BackgroundJobEntity } from './background-job.entity.ts';

/** What one step of a job has done. */
export interface StepResult {
  /** Where the job continues. */
  readonly progress: object;
  readonly done: number;
  readonly total?: number | null;
  /** Present if the job has ended. */
  readonly result?: object;
}

const LIMIT = 100;

/** Work on the whole service is shown in the default project, which is that of its operator. */
function jobsOf(
  projectId: ReadScope['projectId'],
  where: { readonly id?: string },
): FindOptionsWhere<BackgroundJobEntity>[] {
  if (projectId === ALL_PROJECTS) return [where];
  const own = { ...where, projectId };
  return projectId === DEFAULT_PROJECT_ID ? [own, { ...where, projectId: IsNull() }] : [own];
}

@Injectable()
export class BackgroundJobsRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** Inserts a job, and what wakes a process up, in one transaction. */
  insert(job: BackgroundJobEntity, wake: (sql: RunSql) => Promise<void>, within?: Transaction): Promise<void> {
    const run = async (manager: EntityManager): Promise<void> => {
      // A copy: TypeORM writes what the database returns into the object.
      await manager.insert(BackgroundJobEntity, manager.create(BackgroundJobEntity, job));
      await wake(inTransaction(manager));
    };
    return within === undefined ? this.dataSource.transaction(run) : run(within);
  }

  get({ projectId }: ReadScope, id: string): Promise<BackgroundJobEntity | null> {
    return this.dataSource.manager.findOneBy(BackgroundJobEntity, jobsOf(projectId, { id }));
  }

  /** The newest ones. */
  list({ projectId }: ReadScope, limit: number = LIMIT): Promise<BackgroundJobEntity[]> {
    return this.dataSource.manager.find(BackgroundJobEntity, {
      where: jobsOf(projectId, {}),
      order: { id: 'DESC' },
      take: limit,
    });
  }

  /** Requests cancellation. The process that runs the job carries it out after its step. */
  async requestCancel({ projectId }: Scope, id: string): Promise<void> {
    await this.dataSource.query(
      `update background_job set cancel_requested_at = coalesce(cancel_requested_at, now())
       where id = $1 and project_id = $2 and state in ('queued', 'running')`,
      [id, projectId],
    );
  }

  /** Claims a job for a process; null if it has ended, or another live process has it. */
  async claim(id: string, workerId: string): Promise<BackgroundJobEntity | null> {
    const [rows] = await this.dataSource.query<[unknown[], number]>(
      `update background_job set state = 'running', worker_id = $2
       where id = $1 and state in ('queued', 'running')
         and (worker_id is null or worker_id = $2 or not ${isAliveSql('$3', 'background_job')})
       returning id`,
      [id, workerId, LEASE_MS],
    );
    return rows.length === 0 ? null : this.dataSource.manager.findOneBy(BackgroundJobEntity, { id });
  }

  /** A job that a process runs; null if it has ended, or another process has it. */
  running(id: string, workerId: string): Promise<BackgroundJobEntity | null> {
    return this.dataSource.manager.findOneBy(BackgroundJobEntity, { id, workerId, state: 'running' });
  }

  /** Queues jobs of the service itself that failed a while ago: it needs them, and nobody can ask for them again. */
  async queueFailed(pauseMs: number): Promise<void> {
    await this.dataSource.query(
      `update background_job set state = 'queued', worker_id = null, error = null, finished_at = null
       where project_id is null and state = 'failed' and finished_at < now() - $1::int * interval '1 millisecond'`,
      [pauseMs],
    );
  }

  /** Jobs that have not ended, and that no other live process has. This one may have some that it no longer runs: it could not record their end. */
  async orphaned(workerId: string): Promise<readonly string[]> {
    const rows = await this.dataSource.query<{ id: string }[]>(
      `select id from background_job
       where state in ('queued', 'running')
         and (worker_id is null or worker_id = $2 or not ${isAliveSql('$1', 'background_job')})
       order by id limit ${LIMIT}`,
      [LEASE_MS, workerId],
    );
    return rows.map(({ id }) => id);
  }

  /**
   * Runs a step, and records its progress in the same transaction: after a crash the job continues where it was, and nothing is counted
   * twice. Null if the process no longer has the job, or the job is to be canceled.
   */
  step(
    id: string,
    workerId: string,
    work: (manager: EntityManager, job: BackgroundJobEntity) => Promise<StepResult>,
  ): Promise<StepResult | null> {
    return this.dataSource.transaction(async (manager) => {
      // A replica that freezes here must not keep others from what the step has locked.
      await manager.query(TRANSACTION_LIMITS);
      const [job] = await manager
        .createQueryBuilder(BackgroundJobEntity, 'job')
        .where(`id = :id and worker_id = :workerId and state = 'running' and cancel_requested_at is null`, {
          id,
          workerId,
        })
        .setLock('pessimistic_write')
        .getMany();
      if (job === undefined) return null;
      const step = await work(manager, job);
      await manager.update(
        BackgroundJobEntity,
        { id },
        {
          progress: step.progress,
          done: step.done,
          ...(step.total !== undefined && { total: step.total }),
          ...(step.result !== undefined && {
            result: step.result,
            state: 'succeeded' as const,
            finishedAt: new Date(),
          }),
        },
      );
      return step;
    });
  }

  /** Ends a job that is to be canceled. */
  async cancel(id: string, workerId: string): Promise<void> {
    await this.dataSource.query(
      `update background_job set state = 'canceled', finished_at = now()
       where id = $1 and worker_id = $2 and state = 'running' and cancel_requested_at is not null`,
      [id, workerId],
    );
  }

  async fail(id: string, workerId: string, error: NonNullable<BackgroundJobEntity['error']>): Promise<void> {
    await this.dataSource.query(
      `update background_job set state = 'failed', error = $3, finished_at = now()
       where id = $1 and worker_id = $2 and state = 'running'`,
      [id, workerId, error],
    );
  }

  /** Lets another process continue a job. */
  async release(id: string, workerId: string): Promise<void> {
    await this.dataSource.query(`update background_job set worker_id = null where id = $1 and worker_id = $2`, [
      id,
      workerId,
    ]);
  }
}
