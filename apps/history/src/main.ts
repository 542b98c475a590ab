import type { Logger } from 'pino';
import { readConfig, type Config } from './config/config.ts';
import { environment } from './config/environment.ts';
import { exampleCurl } from './web/example.ts';
import { startProblem } from './boot/start-problem.ts';
import { startHistory, type History } from './boot/start-history.ts';
import { createLogger } from './telemetry/logger.ts';

const SIMULATED =
  'Images are SIMULATED: no UPSTREAM_API_KEY is set, so nothing is sent out and nothing costs anything.';

async function main(): Promise<void> {
  let config: Config | null = null;
  try {
    config = readConfig(environment);
    const logger = createLogger(config.logLevel);
    const history = await startHistory(config, logger);
    announce(config, history, logger);
    stopOnSignal(history, logger);
  } catch (error) {
    const told = startProblem(error, config) ?? (error instanceof Error ? error.stack : String(error));
    process.stderr.write(`wan-image history cannot start. ${told}\n`);
    process.exit(1);
  }
}

/** A person at a terminal is told in words, with a line to paste last; a service that others use tells its log. */
function announce(config: Config, { url, upstream }: History, logger: Logger): void {
  const source = upstream === null ? SIMULATED : `Images come from ${upstream} and are paid for.`;
  if (config.adminApiKey === null) {
    const line = exampleCurl({ publicUrl: url, keyed: false, simulated: upstream === null });
    process.stdout.write(`\nwan-image history listens on ${url}\n${source}\n\nMake an image:\n\n${line}\n`);
    return;
  }
  logger.info({ database: config.databaseUrl === null ? 'pglite' : 'postgres' }, `wan-image history listens on ${url}`);
  logger[upstream === null ? 'warn' : 'info'](source);
  if (config.publicUrl === null && (config.host === '0.0.0.0' || config.host === '::')) {
    logger.warn(`PUBLIC_URL is not set: image URLs begin with ${url}, which only this machine can open`);
  }
}

/** The first signal lets what is in flight end; the second does not wait. */
function stopOnSignal(history: History, logger: Logger): void {
  let stopping = false;
  const stop = (): void => {
    if (stopping) process.exit(1);
    stopping = true;
    const count = history.inFlight();
    if (count > 0)
      logger.warn(
        { count },
        'stops when the generations under way have ended; a second signal ends them now, and they may be billed',
      );
    history.close().then(
      () => process.exit(0),
      (error: unknown) => {
        logger.error({ err: error }, 'wan-image history could not close cleanly');
        process.exit(1);
      },
    );
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
}

void main();
