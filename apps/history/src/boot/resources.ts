import type { Logger } from 'pino';
import type { Config } from '../config/config.ts';
import type { Database } from '../database/database.ts';
import { sqlOf } from '../database/sql.ts';
import { JobQueue } from '../jobs/job-queue.ts';
import { openFolderStore } from '../storage/folder-store.ts';
import type { ImageStore } from '../storage/image-store.ts';
import { openSpool, type Spool } from '../storage/spool.ts';
import { openUpstream, type Upstream } from '../upstream/upstream.ts';
import { openServiceDatabase } from './open-database.ts';

/** What every process of the service needs, opened before the application and closed after it. */
export interface Resources {
  readonly config: Config;
  readonly logger: Logger;
  readonly database: Database;
  readonly store: ImageStore;
  readonly spool: Spool;
}

/** What a process that serves HTTP also needs. */
export interface ServeResources extends Resources {
  readonly upstream: Upstream;
  readonly jobs: JobQueue;
  /** Maximum interval of every periodic task. */
  readonly longestIntervalMs: number;
}

/**
 * Opens the resources in order; `opening` closes them in reverse, even if opening fails half-way. `onSetUp` is called before an embedded
 * database makes its files.
 */
export async function openResources(
  config: Config,
  logger: Logger,
  opening: AsyncDisposableStack,
  onSetUp?: () => void,
): Promise<Resources> {
  const database = await openServiceDatabase(config, onSetUp);
  opening.defer(() => database.close());
  const store = await openFolderStore(config.storageDir);
  const spool = await openSpool(config.dataDir);
  await spool.checkRoom().catch((error: unknown) => {
    logger.warn({ err: error }, 'DATA_DIR has no room: images that the store does not accept cannot be kept there');
  });
  return { config, logger, database, store, spool };
}

export async function openServeResources(
  resources: Resources,
  longestIntervalMs: number,
  opening: AsyncDisposableStack,
): Promise<ServeResources> {
  const { config, logger, database } = resources;
  const upstream = await openUpstream(config, logger);
  opening.defer(() => upstream.close());
  const jobs = new JobQueue(sqlOf(database.dataSource), logger);
  await jobs.start();
  opening.defer(() => jobs.stop());
  return { ...resources, upstream, jobs, longestIntervalMs };
}
