import { PgBoss, type WorkHandler } from 'pg-boss';
import type { Logger } from 'pino';

/** Runs one or more statements, and returns the rows of all. */
export type Sql = (text: string, values?: unknown[]) => Promise<{ readonly rows: unknown[] }>;

/** The job of a recorded generation that waits for a process to claim it. */
export const GENERATION_JOB = 'generation';

export interface GenerationJob {
  readonly id: string;
}

/** Polling interval, also for jobs that this process enqueues. */
const LOOK_SECONDS = 0.5;
const BATCH = 50;

/**
 * The durable job queue, in the same database. It may deliver a job twice: the generation's own row decides whether the generation is sent
 * to the upstream, and ensures that it is sent only once.
 */
export class JobQueue {
  readonly #boss: PgBoss;
  readonly #sql: Sql;

  constructor(sql: Sql, logger: Logger) {
    this.#sql = sql;
    this.#boss = new PgBoss({ db: databaseOf(sql), schedule: false, schema: 'job' });
    this.#boss.on('error', (error) => logger.error({ err: error }, 'the queue of jobs failed'));
  }

  async start(): Promise<void> {
    await this.#boss.start();
    await this.#boss.createQueue(GENERATION_JOB, { retryLimit: 5, retryDelay: 1, deleteAfterSeconds: 3600 });
  }

  /** Starts to process jobs. */
  async work(takeUp: (job: GenerationJob) => Promise<void>): Promise<void> {
    const handler: WorkHandler<GenerationJob> = async (jobs) => {
      await Promise.all(jobs.map(({ data }) => takeUp(data)));
    };
    await this.#boss.work(GENERATION_JOB, { pollingIntervalSeconds: LOOK_SECONDS, batchSize: BATCH }, handler);
  }

  /** Enqueues a job; with the `sql` of a transaction, as part of that transaction. */
  async send(name: typeof GENERATION_JOB, job: GenerationJob, sql: Sql = this.#sql): Promise<void> {
    await this.#boss.send(name, job, { db: databaseOf(sql) });
  }

  /** Stops processing jobs. Jobs that were fetched but not processed are delivered again. */
  async pause(): Promise<void> {
    await this.#boss.offWork(GENERATION_JOB, { wait: false });
  }

  async stop(): Promise<void> {
    await this.#boss.stop({ graceful: true, timeout: 10_000 });
  }
}

function databaseOf(sql: Sql): {
  executeSql: Sql & ((text: string, values?: unknown[]) => Promise<{ rows: never[] }>);
} {
  return { executeSql: sql as never };
}
