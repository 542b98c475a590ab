import type { RetentionResult } from '@wan-image/core';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { BackgroundJobEntity } from '../background-jobs/background-job.entity.ts';
import { BackgroundJobs, type StepResult } from '../background-jobs/background-jobs.service.ts';
import { DatabaseClock } from '../database/database-clock.ts';
import type { Transaction } from '../database/sql.ts';
import { requestVacuum } from '../database/upkeep.ts';
import { imageIdOf } from '../domain/image-key.ts';
import type { Scope } from '../domain/scope.ts';
import { PeriodicTasks, UPKEEP_INTERVAL_MS } from '../jobs/periodic-tasks.ts';
import { BinRepository } from '../ledger/bin.repository.ts';
import { InputCopiesRepository } from '../ledger/input-copies.repository.ts';
import { LibraryService } from '../library/library.service.ts';
import { RetainedRowsRepository, type Found } from './retained-rows.repository.ts';
import {
  limitsOf,
  nextPosition,
  RESULT_OF,
  startOf,
  type Limits,
  type Part,
  type Position,
  type Walked,
} from './retention-parts.ts';
import { RetentionPoliciesRepository } from './retention-policies.repository.ts';
import type { RetentionPolicyEntity } from './retention-policy.entity.ts';
import { RetentionSearch, upTo, type Batch } from './retention-search.service.ts';
import { RetentionSizes } from './retention-sizes.ts';

const RETENTION = 'retention';

/** The time between two runs of a policy. */
const PAUSE_MS = 60 * 60_000;

/** How often everything is looked at from the beginning: an image that is no favorite any more goes a day later at most. */
const WHOLE_PAUSE_MS = 24 * 60 * 60_000;

/** How often it is asked whether the job of another policy has ended. */
const TURN_MS = 200;

/** How long a step may search before it records how far it is. */
const SEARCH_MS = 2_000;

interface RunInput {
  readonly revision: number;
  readonly limits: Limits;
  readonly position: Position;
}

interface RunProgress {
  readonly position?: Position;
  readonly result?: RetentionResult;
}

const NOTHING: RetentionResult = { images: 0, inputs: 0, records: 0, bin: 0, bytes: 0 };

/**
 * Carries out the policies of all projects: a job for each that has something to delete. A job deletes what is still to go when its
 * transaction has locked it, and ends with the policy that it was made for.
 */
@Injectable()
export class RetentionRuns implements OnModuleInit {
  /** By job: how long its last step took. */
  readonly #worked = new Map<string, number>();

  constructor(
    private readonly policies: RetentionPoliciesRepository,
    private readonly rows: RetainedRowsRepository,
    private readonly search: RetentionSearch,
    private readonly sizes: RetentionSizes,
    private readonly bin: BinRepository,
    private readonly library: LibraryService,
    private readonly inputs: InputCopiesRepository,
    private readonly jobs: BackgroundJobs,
    private readonly clock: DatabaseClock,
    private readonly tasks: PeriodicTasks,
  ) {}

  onModuleInit(): void {
    this.jobs.register<Batch>(RETENTION, {
      prepare: (job) => this.#prepare(job),
      step: (transaction, job, prepared) => this.#step(transaction, job, prepared),
    });
    this.tasks.register('retention', UPKEEP_INTERVAL_MS, () => this.look());
  }

  /**
   * Looks what has to go by each policy that is due, and records a job where there is something. One policy after another, without a pause: the
   * queue would take a second to hand out each job.
   */
  async look(): Promise<void> {
    while (!this.search.isStopping) {
      const policy = await this.policies.claimDue(RETENTION, PAUSE_MS);
      if (policy === null) {
        if (!(await this.policies.isAnyDue())) return;
        await this.search.rest(TURN_MS);
      } else {
        const jobId = await this.#begin(policy);
        if (jobId !== null) await this.jobs.run(jobId);
      }
    }
  }

  /** Returns the id of the job; null if there is nothing to delete, or that is not known yet. */
  async #begin(policy: RetentionPolicyEntity): Promise<string | null> {
    const scope = { projectId: policy.projectId };
    const now = this.clock.now();
    const limits = await this.limitsOf(scope, policy.policy, now);
    const batch = await this.search.next(scope, limits, startOf(walkedAt(policy.walked, now)));
    const { part, walked } = batch.position;
    if (part !== 'end' && batch.found.length === 0) return null;
    return this.policies.transaction(async (transaction) => {
      const isDone = part === 'end';
      const input: RunInput = { revision: policy.revision, limits, position: batch.begin };
      const jobId = isDone ? null : (await this.jobs.submit(RETENTION, scope, input, transaction)).id;
      await this.policies.started(transaction, policy, jobId, isDone ? walked : null);
      return jobId;
    });
  }

  /** What a policy means at a time. */
  async limitsOf(scope: Scope, policy: RetentionPolicyEntity['policy'], now: Date): Promise<Limits> {
    const { max_count: most } = policy.records;
    return limitsOf(policy, now, most === null ? null : await this.rows.nthNewest(scope, most));
  }

  async #prepare(job: BackgroundJobEntity): Promise<Batch> {
    await this.search.rest(this.#worked.get(job.id) ?? 0);
    const { limits, position: start } = job.input as RunInput;
    const { position = start } = job.progress as RunProgress;
    const most = this.sizes.deletion.current;
    return this.search.next(scopeOf(job), limits, position, { until: performance.now() + SEARCH_MS, most });
  }

  async #step(transaction: Transaction, job: BackgroundJobEntity, batch: Batch): Promise<StepResult> {
    const began = performance.now();
    const scope = scopeOf(job);
    const { revision, limits } = job.input as RunInput;
    const { result: before = NOTHING } = job.progress as RunProgress;
    const isCurrent = await this.policies.isCurrent(transaction, scope, revision);
    const { position, deleted } = isCurrent
      ? await this.#delete(transaction, scope, limits, batch)
      : { position: batch.position, deleted: NOTHING };
    const result = sumOf(before, deleted);
    const done = job.done + (isCurrent ? batch.looked : 0);
    this.#worked.set(job.id, batch.ms + performance.now() - began);
    if (isCurrent && position.part !== 'end') return { progress: { position, result } satisfies RunProgress, done };
    this.#worked.delete(job.id);
    // By another policy, everything is looked at again.
    if (isCurrent) await this.policies.walked(transaction, scope, position.walked);
    if (Object.values(result).some((some) => some > 0)) await requestVacuum(transaction);
    return { progress: { position, result } satisfies RunProgress, done, total: done, result };
  }

  /** Deletes what is still to go, and returns where the run continues. */
  async #delete(
    transaction: Transaction,
    scope: Scope,
    limits: Limits,
    { found, begin, position, isLast }: Batch,
  ): Promise<{ readonly position: Position; readonly deleted: RetentionResult }> {
    const { part } = position;
    const next = isLast ? nextPosition(position, limits) : position;
    if (part === 'end' || found.length === 0) return { position: next, deleted: NOTHING };
    const ids = [...new Set(found.map(({ generationId }) => generationId))];
    const gone = await this.#deleteFound(transaction, part, scope, limits, ids, position.excess);
    const sum = (key: 'bytes' | 'kept'): number => gone.reduce((bytes, one) => bytes + one[key], 0);
    const deleted = { ...NOTHING, [RESULT_OF[part]]: gone.length, bytes: sum('bytes') };
    if (part !== 'space') return { position: next, deleted };
    const excess = (position.excess ?? 0) - sum('kept');
    // Of the last generation some images may be kept: the next run looks at these again.
    const isEnough = excess <= 0;
    return {
      position: isEnough
        ? nextPosition({ ...begin, excess }, limits)
        : next.part === 'space'
          ? { ...next, excess }
          : next,
      deleted,
    };
  }

  /** Deletes what is still to go of these generations, and returns it. */
  async #deleteFound(
    transaction: Transaction,
    part: Part,
    scope: Scope,
    limits: Limits,
    ids: readonly string[],
    excess: number | null,
  ): Promise<readonly Found[]> {
    const began = performance.now();
    const size = this.sizes.deletion;
    try {
      const gone = await this.bin.withLocked(
        scope,
        ids,
        async (manager) => {
          const still = await this.rows.foundWithin(manager, part, scope, limits, ids);
          const going = part === 'space' ? upTo(still, excess ?? 0) : still;
          await this.#purge(manager, part, scope, going);
          return going;
        },
        transaction,
      );
      size.took(ids.length, performance.now() - began);
      return gone;
    } catch (error) {
      // The step is tried again. What ran into a time limit does so again if it is not smaller.
      size.failed(ids.length);
      throw error;
    }
  }

  async #purge(transaction: Transaction, part: Part, scope: Scope, gone: readonly Found[]): Promise<void> {
    const ids = [...new Set(gone.map(({ generationId }) => generationId))];
    if (ids.length === 0) return;
    const purge = { action: 'purge' } as const;
    if (part === 'bin' || part === 'records') await this.library.changeGenerations(scope, ids, purge, transaction);
    else if (part === 'inputs') await this.inputs.purge(transaction, scope, ids);
    else {
      const images = gone.map(({ generationId, index }) =>
        imageIdOf({ generationId, role: 'output', index: index ?? 0 }),
      );
      await this.library.changeImages(scope, images, purge, transaction);
    }
  }
}

function scopeOf({ projectId }: BackgroundJobEntity): Scope {
  return { projectId: projectId ?? '' };
}

/** From where a run looks: from the beginning once a day. */
function walkedAt(walked: Walked, now: Date): Walked {
  const { wholeAt } = walked;
  const isRecent = wholeAt !== undefined && now.getTime() - Date.parse(wholeAt) < WHOLE_PAUSE_MS;
  return isRecent ? walked : { wholeAt: now.toISOString() };
}

function sumOf(one: RetentionResult, other: RetentionResult): RetentionResult {
  return {
    images: one.images + other.images,
    inputs: one.inputs + other.inputs,
    records: one.records + other.records,
    bin: one.bin + other.bin,
    bytes: one.bytes + other.bytes,
  };
}
