import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { Logger } from 'pino';
import { WorkerLeases } from '../../dispatch/worker-leases.service.ts';
import { GenerationsRepository, type GenerationWithImages } from '../../generations/generations.repository.ts';
import { GENERATION_JOB, JobQueue } from '../../jobs/job-queue.ts';
import { PeriodicTasks } from '../../jobs/periodic-tasks.ts';
import { ShutdownPhases } from '../../jobs/shutdown-phases.ts';
import { ApiError } from '../../domain/api-error.ts';
import { notRecorded } from '../response/refusals.ts';
import { OutcomeRecorder } from '../../ledger/outcome-recorder.service.ts';
import { checkpoint } from '../../telemetry/checkpoints.ts';
import { withNewContext } from '../../telemetry/context.ts';
import { LOGGER } from '../../telemetry/logger.ts';
import { GenerationRunner } from './generation-runner.service.ts';
import { RunRegistry, type Run } from './run-registry.ts';
import { StoredRequests } from './stored-requests.service.ts';

/** Interval between checks for generations orphaned by dead processes. */
const ORPHAN_LOOK_MS = 5_000;

/** Claims generations without a waiting client: from the queue, and those orphaned by dead processes. */
@Injectable()
export class QueueConsumer implements OnModuleInit {
  constructor(
    private readonly runs: RunRegistry,
    private readonly runner: GenerationRunner,
    private readonly generations: GenerationsRepository,
    private readonly requests: StoredRequests,
    private readonly leases: WorkerLeases,
    private readonly outcomes: OutcomeRecorder,
    private readonly jobs: JobQueue,
    private readonly tasks: PeriodicTasks,
    private readonly shutdown: ShutdownPhases,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onModuleInit(): void {
    this.tasks.register('orphaned queue', ORPHAN_LOOK_MS, () => this.claimOrphaned());
    this.shutdown.on('refuse', () => this.jobs.pause());
  }

  /** Starts consuming the queue. */
  async start(): Promise<void> {
    await this.jobs.work(GENERATION_JOB, ({ id }) => this.claim(id));
    await this.claimOrphaned();
  }

  /** Claims a queued generation that no live process has. A repeated claim does nothing; a process shutting down claims none. */
  claim(id: string): Promise<void> {
    return withNewContext({ generationId: id }, () => this.#claim(id));
  }

  async #claim(id: string): Promise<void> {
    if (this.runner.isClosing) throw new Error('The service is shutting down');
    const run = this.runs.claim(id);
    if (run === null) return;
    let isStarted = false;
    try {
      const found = await this.generations.find(id);
      // The lease is claimed last: a claimed generation must run. Only a shutdown may intervene; the next process then claims it.
      if (found === null || !(await this.leases.claim(id)) || this.runs.get(id) !== run || this.runner.isClosing)
        return;
      checkpoint('request claimed');
      isStarted = this.#start(run, found);
      // At once: its client may be waiting for the record.
      if (!isStarted) await this.outcomes.flush();
    } finally {
      if (!isStarted) this.runs.remove(run);
    }
  }

  /** Claims the generations of processes that died, or that shut down before they ran them. */
  async claimOrphaned(): Promise<void> {
    if (this.runner.isClosing) return;
    for (const id of await this.leases.orphanedQueued()) await this.claim(id);
  }

  #start(run: Run, found: GenerationWithImages): boolean {
    const { generation } = found;
    try {
      // The row was read before the claim and may be stale: the generation is queued, so it has no `sentAt`.
      this.runner.start(run, Object.assign(generation, { sentAt: null }), this.requests.requestOf(found));
      return true;
    } catch (error) {
      this.logger.error({ generation_id: generation.id, err: error }, 'a queued request could not be read back');
      const { message, type, code, param } = error instanceof ApiError ? error : notRecorded(error);
      this.outcomes.markNotSent(generation, this.leases.workerId, { message, type, code, param });
      return false;
    }
  }
}
