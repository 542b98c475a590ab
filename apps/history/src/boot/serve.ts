import type { Logger } from 'pino';
import { readConfig, type Config } from '../config/config.ts';
import { environment } from '../config/environment.ts';
import { VERSION } from '../config/version.ts';
import { SETTING_UP } from '../database/first-start.ts';
import { terminalLines } from '../telemetry/terminal-lines.ts';
import { addressWarnings } from './address-warnings.ts';
import { banner, sourceOf } from './banner.ts';
import { galleryFolder } from './gallery-folder.ts';
import { createServiceLogger } from './service-logger.ts';
import { startHistory, type History } from './start-history.ts';
import { startProblem } from './start-problem.ts';

/** Serves until a signal ends the process. A start that fails is told in a sentence, and ends the process with code 1. */
export async function serve(): Promise<void> {
  let config: Config | null = null;
  try {
    config = readConfig(environment);
    const isTerminal = process.stdout.isTTY;
    const logger = createServiceLogger(config.logLevel, isTerminal ? terminalLines(process.stdout) : undefined);
    // A service without keys is one that a person tries out; its output may go through other programs.
    const isWatched = isTerminal || config.adminApiKey === null;
    const history = await startHistory(config, logger, {
      galleryFolder: galleryFolder(),
      onSetUp: () => (isWatched ? process.stdout.write(`${SETTING_UP}\n`) : logger.info(SETTING_UP)),
    });
    if (isWatched) process.stdout.write(banner(config, history));
    else logStart(config, history, logger);
    for (const warning of addressWarnings(config, history.url)) logger.warn(warning);
    stopOnSignal(history, logger);
    history
      .checkUpstream()
      .catch((error: unknown) => logger.error({ err: error }, 'the upstream could not be asked for its models'));
  } catch (error) {
    const told = startProblem(error, config) ?? (error instanceof Error ? error.stack : String(error));
    process.stderr.write(`wan-image history cannot start. ${told}\n`);
    process.exit(1);
  }
}

function logStart(config: Config, history: History, logger: Logger): void {
  const database = config.databaseUrl === null ? 'pglite' : 'postgres';
  logger.info({ ...VERSION, database }, `wan-image history listens on ${history.url}`);
  logger[history.upstream === null ? 'warn' : 'info'](sourceOf(history));
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
        'shutting down after the generations in flight; a second signal stops them now, and they may be billed',
      );
    history.close().then(
      () => process.exit(0),
      (error: unknown) => {
        logger.error({ err: error }, 'wan-image history did not shut down cleanly');
        process.exit(1);
      },
    );
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
}
