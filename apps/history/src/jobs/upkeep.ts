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
  /** Ends what a replica that died has left behind. */
  readonly interrupted: () => Promise<void>;
}

export interface Upkeep {
  start(): void;
  /** Lets the round that is under way end. */
  stop(): Promise<void>;
}

/** Does each duty in every interval, one round at a time; a duty that fails is tried again the next time. */
export function createUpkeep(duties: Duties, logger: Logger, intervalMs: number): Upkeep {
  let round = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  return {
    start() {
      timer = setInterval(() => {
        round = round.then(() => (timer === undefined ? undefined : runRound(duties, logger)));
      }, intervalMs);
    },
    async stop() {
      clearInterval(timer);
      timer = undefined;
      await round;
    },
  };
}

async function runRound(duties: Duties, logger: Logger): Promise<void> {
  for (const [duty, run] of Object.entries(duties)) {
    try {
      await run();
    } catch (error) {
      logger.error({ err: error, duty }, 'a duty of the upkeep failed');
    }
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
