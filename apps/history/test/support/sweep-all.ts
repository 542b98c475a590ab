import { pino } from 'pino';
import { openServiceDatabase } from '../../src/boot/open-database.ts';
import { readConfig } from '../../src/config/config.ts';
import { PeriodicTasks } from '../../src/jobs/periodic-tasks.ts';
import { LedgerRepository } from '../../src/ledger/ledger.repository.ts';
import { PurgedFilesRepository } from '../../src/ledger/purged-files.repository.ts';
import { openFolderStore } from '../../src/storage/folder-store.ts';
import { openSpool } from '../../src/storage/spool.ts';
import { SweepRepository } from '../../src/sweep/sweep.repository.ts';
import { SweepService, type GcReport } from '../../src/sweep/sweep.service.ts';
import { ThumbnailsRepository } from '../../src/thumbnails/thumbnails.repository.ts';
import type { TestData } from './test-history.ts';

/** A full garbage collection of test data on which no service runs. */
export async function sweepAll(testData: TestData): Promise<GcReport | null> {
  const config = readConfig(testData.environment);
  const database = await openServiceDatabase(config);
  try {
    const repository = new SweepRepository(database.dataSource);
    const store = await openFolderStore(config.storageDir);
    const spool = await openSpool(config.dataDir);
    const logger = pino({ level: 'silent' });
    const ledger = new LedgerRepository(database.dataSource);
    const thumbnails = new ThumbnailsRepository(database.dataSource);
    const tasks = new PeriodicTasks(logger);
    const purged = new PurgedFilesRepository(database.dataSource);
    return await new SweepService(repository, ledger, thumbnails, purged, store, spool, tasks, logger).full();
  } finally {
    await database.close();
  }
}
