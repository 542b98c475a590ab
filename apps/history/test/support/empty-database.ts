import { pino } from 'pino';
import { openServiceDatabase } from '../../src/boot/open-database.ts';
import type { Config } from '../../src/config/config.ts';
import { sqlOf } from '../../src/database/sql.ts';
import { JobQueue } from '../../src/jobs/job-queue.ts';

/** Creates all tables of the service, and those of its queue, without rows. A copy of such a database opens without a migration. */
export async function createTables(config: Pick<Config, 'databaseUrl' | 'dataDir'>): Promise<void> {
  const database = await openServiceDatabase(config);
  const jobs = new JobQueue(sqlOf(database.dataSource), pino({ level: 'silent' }));
  await jobs.start();
  await jobs.stop();
  await database.close();
}
