import type { Logger } from 'pino';

const MINUTE_MS = 60_000;

/** Time between two rounds, in milliseconds. */
export const UPKEEP_INTERVAL_MS = MINUTE_MS;

/** What is to be done again and again, by name. */
export type Duties = Readonly<Record<string, () => Promise<void>>>;

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
    for (const [duty, run] of Object.entries(duties)) {
      if (running.has(duty)) continue;
      const ended = perform(duty, run, logger).finally(() => running.delete(duty));
      running.set(duty, ended);
    }
  };
  return {
    start() {
      // What a crash has left is seen to at once, not an interval later.
      round();
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
