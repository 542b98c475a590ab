import type { Logger } from 'pino';
import type { Config } from '../config/config.ts';
import type { GenerationsService } from '../generations/generations.service.ts';

const MINUTE_MS = 60_000;

/** Time between two rounds, in milliseconds. */
export const UPKEEP_INTERVAL_MS = MINUTE_MS;

/** How much longer than its time limit a generation may take to store its pictures before it counts as left behind. */
const GRACE_MS = 10 * MINUTE_MS;

export interface Duties {
  /** Records endings that the database did not take at their time. */
  readonly endings: () => Promise<void>;
  /** Makes the partitions of the coming months. */
  readonly months: () => Promise<void>;
  /** Fetches pictures that are paid for and not yet kept. */
  readonly pictures: () => Promise<void>;
  /** Stores pictures that the store did not take at their time. */
  readonly spool: () => Promise<void>;
  /** Lets idempotency keys go whose day is over. */
  readonly keys: () => Promise<void>;
  /** Ends what a replica that died has left behind. */
  readonly interrupted: () => Promise<void>;
}

export interface Upkeep {
  start(): void;
  /** Lets the duties that are under way end. */
  stop(): Promise<void>;
}

/**
 * Does each duty in every interval. None waits for another, so a slow download holds up no ending; one that is still under way
 * is left out, and one that fails is tried again the next time.
 */
export function createUpkeep(duties: Duties, logger: Logger, intervalMs: number): Upkeep {
  const running = new Map<string, Promise<void>>();
  let timer: NodeJS.Timeout | undefined;
  const round = (): void => {
    for (const [duty, run] of Object.entries(duties) as [string, () => Promise<void>][]) {
      if (running.has(duty)) continue;
      const ended = perform(duty, run, logger).finally(() => running.delete(duty));
      running.set(duty, ended);
    }
  };
  return {
    start() {
      timer = setInterval(round, intervalMs);
    },
    async stop() {
      clearInterval(timer);
      await Promise.all(running.values());
    },
  };
}

async function perform(duty: string, run: () => Promise<void>, logger: Logger): Promise<void> {
  try {
    await run();
  } catch (error) {
    logger.error({ err: error, duty }, 'a duty of the upkeep failed');
  }
}

export interface InterruptedOptions {
  /** Whether no other process can have work under way on this database. */
  readonly exclusive: boolean;
  readonly config: Pick<Config, 'upstreamTimeoutMs'>;
  readonly logger: Logger;
}

/** Alone on the database, whatever is running was left by a process that died; among replicas only what is long over its time. */
export async function failInterrupted(
  generations: GenerationsService,
  { exclusive, config, logger }: InterruptedOptions,
): Promise<void> {
  const patience = exclusive ? 0 : config.upstreamTimeoutMs + GRACE_MS;
  const count = await generations.failInterrupted(new Date(Date.now() - patience));
  if (count > 0) logger.warn({ count }, 'generations that were interrupted may have been billed');
}
