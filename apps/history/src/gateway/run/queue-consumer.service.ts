import { Injectable } from '@nestjs/common';
import {
  GenerationsService,
  type Beginning,
  type Identity,
  type Started,
} from '../../generations/generations.service.ts';
import { WorkerLeases } from '../../dispatch/worker-leases.service.ts';
import { GENERATION_JOB, JobQueue } from '../../jobs/job-queue.ts';
import { checkpoint } from '../../telemetry/checkpoints.ts';
import { GenerationRunner } from './generation-runner.service.ts';
import type { Intake } from '../intake/intake.ts';
import { StoredRequestService } from './stored-request.service.ts';

/** Generations that nobody waits for: left to the queue, and taken up from it or from what dead processes left behind. */
@Injectable()
export class QueueConsumer {
  readonly #gateway: GenerationRunner;
  readonly #generations: GenerationsService;
  readonly #requests: StoredRequestService;
  readonly #work: WorkerLeases;
  readonly #jobs: JobQueue;
  readonly #taking = new Set<string>();

  constructor(
    gateway: GenerationRunner,
    generations: GenerationsService,
    requests: StoredRequestService,
    work: WorkerLeases,
    jobs: JobQueue,
  ) {
    this.#gateway = gateway;
    this.#generations = generations;
    this.#requests = requests;
    this.#work = work;
    this.#jobs = jobs;
  }

  /** Records a request and leaves it to the queue, for whichever process comes to it first. */
  leave(intake: Intake, source: string, identity: Identity): Promise<Started> {
    const together: Beginning['together'] = (id, sql) => this.#jobs.send(GENERATION_JOB, { id }, sql);
    return this.#gateway.record(intake, source, identity, { state: 'queued', workerId: null, together });
  }

  /** Takes up what waits in the table and no living process has. Whoever asks twice finds it taken; a process that closes leaves it. */
  async takeUp(id: string): Promise<void> {
    if (this.#gateway.closing) throw new Error('The service is closing');
    if (this.#gateway.has(id) || this.#taking.has(id)) return;
    this.#taking.add(id);
    try {
      const found = await this.#generations.read(id);
      // Last: what is taken up has to be made, and nothing may come between but the end of this process, which leaves it to the next.
      if (found === null || !(await this.#work.adopt(id)) || this.#gateway.has(id) || this.#gateway.closing) return;
      checkpoint('request adopted');
      // It waits, whatever was read a moment ago.
      const generation = Object.assign(found.generation, { sentAt: null });
      this.#gateway.resume(generation, async () => this.#requests.requestOf(found));
    } finally {
      this.#taking.delete(id);
    }
  }

  /** Takes up what processes have left behind that are dead, or that closed before they came to it. */
  async takeUpAbandoned(): Promise<void> {
    if (this.#gateway.closing) return;
    for (const id of await this.#work.orphanedQueued()) await this.takeUp(id);
  }
}
