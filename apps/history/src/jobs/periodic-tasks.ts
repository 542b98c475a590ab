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
 * Runs each registered task in every interval of its own. None waits for another, so a slow download holds up no end of a generation; a
 * task that is still running is left out, and one that fails is tried again the next time.
 */
export class PeriodicTasks {
  readonly #tasks: Task[] = [];
  readonly #running = new Map<string, Promise<void>>();
  #timers: NodeJS.Timeout[] = [];

  /** No interval is longer than `longestIntervalMs`, for tests that cannot wait. */
  constructor(
    private readonly logger: Logger,
    private readonly longestIntervalMs: number = UPKEEP_INTERVAL_MS,
  ) {}

  /** Call it before the start, in `onModuleInit`. */
  register(name: string, intervalMs: number, run: () => Promise<void>): void {
    this.#tasks.push({ name, intervalMs: Math.min(intervalMs, this.longestIntervalMs), run });
  }

  start(): void {
    for (const task of this.#tasks) {
      // What a crash has left is seen to at once, not an interval later.
      this.#begin(task);
      this.#timers.push(setInterval(() => this.#begin(task), task.intervalMs));
    }
  }

  /** Lets the tasks that are running end. */
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
