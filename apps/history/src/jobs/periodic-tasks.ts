import type { Logger } from 'pino';

const MINUTE_MS = 60_000;

/** The usual time between two runs of a task. */
export const UPKEEP_INTERVAL_MS = MINUTE_MS;

interface Task {
  readonly name: string;
  readonly intervalMs: number;
  readonly run: () => Promise<void>;
}

/**
 * Runs each registered task at its own interval. Tasks do not wait for each other, so a slow download does not delay the end of a
 * generation. A task that is still running is skipped, and one that fails runs again at its next interval.
 */
export class PeriodicTasks {
  readonly #tasks: Task[] = [];
  readonly #running = new Map<string, Promise<void>>();
  #timers: NodeJS.Timeout[] = [];

  /** `longestIntervalMs` caps all intervals, for tests that cannot wait. */
  constructor(
    private readonly logger: Logger,
    private readonly longestIntervalMs: number = UPKEEP_INTERVAL_MS,
  ) {}

  /** Call it before `start`, in `onModuleInit`. Returns the interval at which it runs. */
  register(name: string, intervalMs: number, run: () => Promise<void>): number {
    const cappedMs = Math.min(intervalMs, this.longestIntervalMs);
    this.#tasks.push({ name, intervalMs: cappedMs, run });
    return cappedMs;
  }

  start(): void {
    for (const task of this.#tasks) {
      // Cleans up after a crash at once, not an interval later.
      this.#begin(task);
      this.#timers.push(setInterval(() => this.#begin(task), task.intervalMs));
    }
  }

  /** Schedules no more runs, and waits for the running tasks. */
  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    this.#timers = [];
    await Promise.all(this.#running.values());
  }

  #begin({ name, run }: Task): void {
    if (this.#running.has(name)) return;
    const ended = this.#perform(name, run).finally(() => this.#running.delete(name));
    this.#running.set(name, ended);
  }

  async #perform(task: string, run: () => Promise<void>): Promise<void> {
    try {
      await run();
    } catch (error) {
      this.logger.error({ err: error, task }, 'a periodic task failed');
    }
  }
}
