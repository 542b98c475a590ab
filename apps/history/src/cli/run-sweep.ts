import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { AppModule } from '../boot/app.module.ts';
import { openResources } from '../boot/resources.ts';
import { startProblem } from '../boot/start-problem.ts';
import { readConfig, type Config } from '../config/config.ts';
import { environment } from '../config/environment.ts';
import { LEASE_MS, WorkerLeases } from '../dispatch/worker-leases.service.ts';
import { SweepService, type GcReport } from '../sweep/sweep.service.ts';
import { createLogger } from '../telemetry/logger.ts';

/** A sweep that was refused. The message is for the operator who runs the command. */
class NotSwept extends Error {}

const SERVED = `A history process uses this database, or did within the last ${LEASE_MS / 1000} seconds. Stop every process first: files they have not recorded yet would be deleted. While they run, they sweep by themselves.`;

const OTHERS_STORE =
  'The image folder does not belong to this database: see DATABASE_URL and STORAGE_URL, and "Garbage collection" in docs/operations.md.';

/** Runs a full garbage collection of stored files, while no service runs. */
async function sweep(config: Config): Promise<GcReport> {
  await using opening = new AsyncDisposableStack();
  const resources = await openResources(config, createLogger('silent'), opening);
  const app = await NestFactory.createApplicationContext(AppModule.forCli(resources), { logger: false });
  opening.defer(() => app.close());
  // Only one process can use PGlite, and that is this one.
  if (!resources.database.exclusive && (await app.get(WorkerLeases).isAnyAlive())) throw new NotSwept(SERVED);
  const swept = await app.get(SweepService).full();
  if (swept === null) throw new NotSwept(OTHERS_STORE);
  return swept;
}

function report({ unknownFiles, leftovers, thumbnails, lost, found }: GcReport): string {
  return `Swept. Files without a row: ${unknownFiles}. Unfinished files: ${leftovers}. Thumbnails without image or file: ${thumbnails}. Images without a file, now lost: ${lost}. Lost images whose file is back: ${found}.\n`;
}

export async function runSweep(): Promise<void> {
  let config: Config | null = null;
  try {
    config = readConfig(environment);
    process.stdout.write(report(await sweep(config)));
  } catch (error) {
    const reason = error instanceof NotSwept ? error.message : startProblem(error, config);
    process.stderr.write(`Nothing was swept. ${reason ?? (error instanceof Error ? error.stack : String(error))}\n`);
    process.exitCode = 1;
  }
}
