import type { Logger } from 'pino';
import { ConfigError, readConfig, type Config } from './config/config.ts';
import { environment } from './config/environment.ts';
import { exampleCurl } from './home/example.ts';
import { startHistory, type History } from './start.ts';
import { createLogger } from './telemetry/logger.ts';

async function main(): Promise<void> {
  const config = readConfig(environment);
  const logger = createLogger(config.logLevel);
  const history = await startHistory(config, logger);
  if (config.adminApiKey === null) process.stdout.write(welcome(history));
  else announce(config, history, logger);
  stopOnSignal(history, logger);
}

/** For the person at the terminal. The line with curl stands last, ready to be pasted. */
function welcome({ url, simulated }: History): string {
  const upstream = simulated
    ? 'Pictures are SIMULATED: no UPSTREAM_API_KEY is set, so nothing is sent out and nothing costs anything.'
    : 'Pictures come from the upstream and are paid for.';
  return `\nwan-image history listens on ${url}\n${upstream}\n\nMake a picture:\n\n${exampleCurl(url, false)}\n`;
}

/** For the log of a service that others use. */
function announce({ databaseUrl, upstream }: Config, { url, simulated }: History, logger: Logger): void {
  const facts = { database: databaseUrl === null ? 'pglite' : 'postgres', upstream: upstream.kind };
  logger.info(facts, `wan-image history listens on ${url}`);
  if (simulated)
    logger.warn(
      'Pictures are SIMULATED: no UPSTREAM_API_KEY is set, so nothing is sent out and nothing costs anything.',
    );
}

/** The first signal lets what is in flight end; the second does not wait. */
function stopOnSignal(history: History, logger: Logger): void {
  let stopping = false;
  const stop = (): void => {
    if (stopping) process.exit(1);
    stopping = true;
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

main().catch((error: unknown) => {
  const known = error instanceof ConfigError;
  process.stderr.write(
    `wan-image history cannot start. ${error instanceof Error ? (known ? error.message : error.stack) : String(error)}\n`,
  );
  process.exit(1);
});
