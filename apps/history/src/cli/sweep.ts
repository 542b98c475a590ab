import 'reflect-metadata';
import { readConfig, type Config } from '../config/config.ts';
import { environment } from '../config/environment.ts';
import { openServiceDatabase } from '../boot/open-database.ts';
import { LEASE_MS } from '../dispatch/worker-leases.service.ts';
import { startProblem } from '../boot/start-problem.ts';
import { openFolderStore } from '../storage/folder-store.ts';
import { openSpool } from '../storage/spool.ts';
import { SweepRepository } from '../sweep/sweep.repository.ts';
import { SweepService, type GcReport } from '../sweep/sweep.service.ts';
import { createLogger } from '../telemetry/logger.ts';

/** Why a sweep was not made, in words for whoever runs it. */
class NotSwept extends Error {}

const SERVED = `A service works on this database, or has within the last ${LEASE_MS / 1000} seconds. Stop every one of them first: what they have not recorded yet would be gone. While they run, they sweep by themselves.`;

const OTHERS_STORE =
  'The folder of images is not that of this database: see DATABASE_URL and STORAGE_URL, and "The sweep" in docs/operations.md.';

/** Sweeps everything, while no service runs. */
async function sweep(config: Config): Promise<GcReport> {
  await using resources = new AsyncDisposableStack();
  const database = await openServiceDatabase(config);
  resources.defer(() => database.close());
  const repository = new SweepRepository(database.dataSource);
  // PGlite has one process, and that is this one.
  if (!database.exclusive && (await repository.isServed(LEASE_MS))) throw new NotSwept(SERVED);
  const store = await openFolderStore(config.storageDir);
  const spool = await openSpool(config.dataDir);
  const swept = await new SweepService(repository, store, spool, createLogger('silent')).full();
  if (swept === null) throw new NotSwept(OTHERS_STORE);
  return swept;
}

function report({ unknownFiles, leftovers, thumbnails, lost, found }: GcReport): string {
  return `Swept. Files that no row knew: ${unknownFiles}. Unfinished files: ${leftovers}. Thumbnails without image or file: ${thumbnails}. Images without a file, now lost: ${lost}. Lost images whose file is back: ${found}.\n`;
}

async function main(): Promise<void> {
  let config: Config | null = null;
  try {
    config = readConfig(environment);
    process.stdout.write(report(await sweep(config)));
  } catch (error) {
    const told = error instanceof NotSwept ? error.message : startProblem(error, config);
    process.stderr.write(`Nothing was swept. ${told ?? (error instanceof Error ? error.stack : String(error))}\n`);
    process.exitCode = 1;
  }
}

void main();
