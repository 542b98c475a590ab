import { PgBoss, type WorkHandler } from 'pg-boss';
import type { Logger } from 'pino';

/** Runs statements; where there are several in one text, the rows of all. */
export type Sql = (text: string, values?: unknown[]) => Promise<{ readonly rows: unknown[] }>;

/** A generation that was recorded and waits for a process to take it up. */
export const GENERATION_JOB = 'generation';

export interface GenerationJob {
  readonly id: string;
}

/** Time between two looks for jobs; those of this process are looked for at once. */
const LOOK_SECONDS = 0.5;
const BATCH = 50;

/**
 * The durable queue, in the same database. It hands out what waits; whether that is sent, and that it is sent once, the generation's own
 * row decides, so a job may come twice.
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

  /** Works on jobs as they come. */
  async work(takeUp: (job: GenerationJob) => Promise<void>): Promise<void> {
    const handler: WorkHandler<GenerationJob> = async (jobs) => {
      await Promise.all(jobs.map(({ data }) => takeUp(data)));
    };
    await this.#boss.work(GENERATION_JOB, { pollingIntervalSeconds: LOOK_SECONDS, batchSize: BATCH }, handler);
  }

  /** Puts a job into the queue; with `sql` of a transaction, together with that or not at all. */
  async send(name: typeof GENERATION_JOB, job: GenerationJob, sql: Sql = this.#sql): Promise<void> {
    await this.#boss.send(name, job, { db: databaseOf(sql) });
  }

  /** Works on no more jobs; those that were fetched and not worked on come back. */
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
