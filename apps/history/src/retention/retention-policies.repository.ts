import type { BackgroundJobState, RetentionPolicy, RetentionResult } from '@wan-image/core';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Transaction } from '../database/sql.ts';
import type { Scope } from '../domain/scope.ts';
import type { Walked } from './retention-parts.ts';
import { RetentionPolicyEntity } from './retention-policy.entity.ts';

/** A policy, and the job of its last run. */
export interface StoredPolicy {
  readonly policy: RetentionPolicyEntity;
  readonly job: {
    readonly state: BackgroundJobState;
    readonly result: RetentionResult | null;
    readonly finishedAt: Date | null;
  } | null;
}

@Injectable()
export class RetentionPoliciesRepository {
  constructor(private readonly dataSource: DataSource) {}

  async get({ projectId }: Scope): Promise<StoredPolicy | null> {
    const policy = await this.dataSource.manager.findOneBy(RetentionPolicyEntity, { projectId });
    if (policy === null) return null;
    const [job] = await this.dataSource.query<{ state: BackgroundJobState; result: RetentionResult; at: Date }[]>(
      'select state, result, finished_at as at from background_job where id = $1',
      [policy.jobId],
    );
    return { policy, job: job === undefined ? null : { ...job, finishedAt: job.at } };
  }

  /** Sets a policy. Everything is looked at again, and at once: what was spared before may have to go. */
  async set({ projectId }: Scope, policy: RetentionPolicy, hasLimits: boolean): Promise<void> {
    await this.dataSource.query(
      `insert into retention_policy (project_id, policy, has_limits, updated_at, due_at) values ($1, $2, $3, now(), now())
       on conflict (project_id) do update
       set policy = excluded.policy, has_limits = excluded.has_limits, revision = retention_policy.revision + 1,
         updated_at = excluded.updated_at, due_at = excluded.due_at, walked = '{}'`,
      [projectId, JSON.stringify(policy), hasLimits],
    );
  }

  /**
   * Claims a policy that is to be carried out: no process gets it again before the pause has passed. Null if none is due, and while another one
   * is carried out: all of them together are to be as gentle as one.
   */
  async claimDue(kind: string, pauseMs: number): Promise<RetentionPolicyEntity | null> {
    const [rows] = await this.dataSource.query<[{ projectId: string }[], number]>(
      `update retention_policy set due_at = now() + $2::int * interval '1 millisecond'
       where project_id = (
         select project_id from retention_policy
         where has_limits and due_at <= now() and not exists (
           select from background_job
           where state in ('queued', 'running') and kind = $1)
         order by due_at limit 1 for update skip locked)
       returning project_id as "projectId"`,
      [kind, pauseMs],
    );
    const [claimed] = rows;
    return claimed === undefined ? null : this.dataSource.manager.findOneBy(RetentionPolicyEntity, claimed);
  }

  /** Whether some policy is to be carried out. */
  async isAnyDue(): Promise<boolean> {
    const due = 'select from retention_policy where has_limits and due_at <= now() limit 1';
    return (await this.dataSource.query<unknown[]>(due)).length > 0;
  }

  /** Records that a policy was carried out, unless it has been changed meanwhile; `walked` if there was nothing to delete. */
  async started(
    transaction: Transaction,
    { projectId, revision }: Pick<RetentionPolicyEntity, 'projectId' | 'revision'>,
    jobId: string | null,
    walked: Walked | null,
  ): Promise<void> {
    await transaction.query(
      `update retention_policy set started_at = now(), job_id = $3, walked = coalesce($4::jsonb, walked)
       where project_id = $1 and revision = $2`,
      [projectId, revision, jobId, walked && JSON.stringify(walked)],
    );
  }

  /** Whether a policy is still the same. It cannot be changed before the transaction ends. */
  async isCurrent(transaction: Transaction, { projectId }: Scope, revision: number): Promise<boolean> {
    const rows = await transaction.query<unknown[]>(
      'select from retention_policy where project_id = $1 and revision = $2 for share',
      [projectId, revision],
    );
    return rows.length > 0;
  }

  /** Records up to where a run has looked. */
  async walked(transaction: Transaction, { projectId }: Scope, walked: Walked): Promise<void> {
    await transaction.query('update retention_policy set walked = $2::jsonb where project_id = $1', [
      projectId,
      JSON.stringify(walked),
    ]);
  }

  /** Runs work in one transaction. */
  transaction<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    return this.dataSource.transaction(work);
  }
}
