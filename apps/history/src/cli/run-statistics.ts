import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { AppModule } from '../boot/app.module.ts';
import { openResources } from '../boot/resources.ts';
import { startProblem } from '../boot/start-problem.ts';
import { readConfig, type Config, type Environment } from '../config/config.ts';
import { environment } from '../config/environment.ts';
import { UsageRepository } from '../stats/usage.repository.ts';
import { createLogger } from '../telemetry/logger.ts';

/** Counts every hour again, oldest first, each in a transaction of its own. On PostgreSQL, services may run meanwhile. */
async function recountAll(config: Config, onHour: () => void): Promise<void> {
  await using opening = new AsyncDisposableStack();
  const resources = await openResources(config, createLogger('silent'), opening);
  const app = await NestFactory.createApplicationContext(AppModule.forCli(resources), { logger: false });
  opening.defer(() => app.close());
  const usage = app.get(UsageRepository);
  for (let next = await usage.recountNext(new Date(0)); next !== null; next = await usage.recountNext(next)) onHour();
}

/** What the command uses of its process. */
interface Terminal {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
  exitCode?: number | string | null | undefined;
}

export async function runStatistics(variables: Environment = environment, terminal: Terminal = process): Promise<void> {
  let config: Config | null = null;
  let hours = 0;
  try {
    config = readConfig(variables);
    await recountAll(config, () => hours++);
    terminal.stdout.write(`Counted again. Hours with generations: ${hours}.\n`);
  } catch (error) {
    const reason = startProblem(error, config) ?? (error instanceof Error ? error.stack : String(error));
    const state =
      hours === 0
        ? 'The statistics are as they were.'
        : `The oldest hours (${hours}) are counted again and stay so, the others are as they were: run the command again, which begins with the oldest one.`;
    terminal.stderr.write(`${state} ${reason}\n`);
    terminal.exitCode = 1;
  }
}
