import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { Logger } from 'pino';
import { WorkerLeases } from '../../dispatch/worker-leases.service.ts';
import { GenerationsRepository, type GenerationWithImages } from '../../generations/generations.repository.ts';
import { JobQueue } from '../../jobs/job-queue.ts';
import { PeriodicTasks } from '../../jobs/periodic-tasks.ts';
import { ShutdownPhases } from '../../jobs/shutdown-phases.ts';
import { OutcomeRecorder } from '../../ledger/outcome-recorder.service.ts';
import { checkpoint } from '../../telemetry/checkpoints.ts';
import { withNewContext } from '../../telemetry/context.ts';
import { LOGGER } from '../../telemetry/logger.ts';
import { GenerationRunner } from './generation-runner.service.ts';
import { RunRegistry, type Run } from './run-registry.ts';
import { StoredRequests } from './stored-requests.service.ts';

/** Time between two looks for what processes have left behind that are dead. */
const ORPHAN_LOOK_MS = 5_000;

/** Claims generations that no client waits for: from the queue, and what dead processes have left behind. */
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

  /** Works on the queue from now on. */
  async start(): Promise<void> {
    await this.jobs.work(({ id }) => this.claim(id));
    await this.claimOrphaned();
  }

  /** Claims what is queued and no living process has. Whoever asks twice finds it claimed; a process that closes leaves it. */
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
      // Last: what is claimed has to be run, and nothing may come between but the end of this process, which leaves it to the next.
      if (found === null || !(await this.leases.claim(id)) || this.runs.get(id) !== run || this.runner.isClosing)
        return;
      checkpoint('request claimed');
      isStarted = this.#start(run, found);
    } finally {
      if (!isStarted) this.runs.remove(run);
    }
  }

  /** Claims what processes have left behind that are dead, or that closed before they came to it. */
  async claimOrphaned(): Promise<void> {
    if (this.runner.isClosing) return;
    for (const id of await this.leases.orphanedQueued()) await this.claim(id);
  }

  #start(run: Run, found: GenerationWithImages): boolean {
    const { generation } = found;
    try {
      // It is queued, whatever was read a moment ago.
      this.runner.start(run, Object.assign(generation, { sentAt: null }), this.requests.requestOf(found));
      return true;
    } catch (error) {
      this.logger.error({ generation_id: generation.id, err: error }, 'a queued request could not be read back');
      this.outcomes.markNotSent(generation, this.leases.workerId);
      return false;
    }
  }
}
