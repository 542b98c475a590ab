import { PgBoss, type WorkHandler } from 'pg-boss';
import type { Logger } from 'pino';

/** Runs one or more statements, and returns the rows of all. */
export type Sql = (text: string, values?: unknown[]) => Promise<{ readonly rows: unknown[] }>;

/** The job of a recorded generation that waits for a process to claim it. */
export const GENERATION_JOB = 'generation';

/** The job of a recorded background job that waits for a process to run it. */
export const BACKGROUND_JOB = 'background';

const QUEUES = [GENERATION_JOB, BACKGROUND_JOB] as const;
type QueueName = (typeof QUEUES)[number];

/** The id of the row that says what to do. */
export interface QueuedJob {
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
    for (const name of QUEUES)
      await this.#boss.createQueue(name, { retryLimit: 5, retryDelay: 1, deleteAfterSeconds: 3600 });
  }

  /** Starts to process the jobs of a queue. */
  async work(name: QueueName, takeUp: (job: QueuedJob) => Promise<void>): Promise<void> {
    const handler: WorkHandler<QueuedJob> = async (jobs) => {
      await Promise.all(jobs.map(({ data }) => takeUp(data)));
    };
    await this.#boss.work(name, { pollingIntervalSeconds: LOOK_SECONDS, batchSize: BATCH }, handler);
  }

  /** Enqueues a job; with the `sql` of a transaction, as part of that transaction. */
  async send(name: QueueName, job: QueuedJob, sql: Sql = this.#sql): Promise<void> {
    await this.#boss.send(name, job, { db: databaseOf(sql) });
  }

  /** Stops processing jobs. Jobs that were fetched but not processed are delivered again. */
  async pause(): Promise<void> {
    for (const name of QUEUES) await this.#boss.offWork(name, { wait: false });
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
