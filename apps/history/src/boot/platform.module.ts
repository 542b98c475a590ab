import { Global, Module, type DynamicModule, type Provider } from '@nestjs/common';
import { configProviders } from '../config/slices.ts';
import { dataSourceProviders } from '../database/database.ts';
import { DatabaseClock } from '../database/database-clock.ts';
import { JobQueue } from '../jobs/job-queue.ts';
import { PeriodicTasks } from '../jobs/periodic-tasks.ts';
import { ShutdownPhases } from '../jobs/shutdown-phases.ts';
import { DISK_RESERVE } from '../storage/disk-reserve.ts';
import { IMAGE_STORE } from '../storage/image-store.ts';
import { SPOOL } from '../storage/spool.ts';
import { StorageCheck } from '../storage/storage-check.ts';
import { LOGGER } from '../telemetry/logger.ts';
import type { Resources, ServeResources } from './resources.ts';

function providersOf({ config, logger, database, store, spool }: Resources): Provider[] {
  return [
    ...configProviders(config),
    ...dataSourceProviders(database),
    { provide: DatabaseClock, useValue: database.clock },
    { provide: LOGGER, useValue: logger },
    { provide: IMAGE_STORE, useValue: store },
    { provide: SPOOL, useValue: spool },
    { provide: DISK_RESERVE, useValue: database.reserve },
    StorageCheck,
    ShutdownPhases,
  ];
}

function exportedBy(providers: readonly Provider[]): NonNullable<DynamicModule['exports']> {
  return providers.map((provider) => ('provide' in provider ? provider.provide : provider));
}

/** The platform: resources, settings, tasks and phases that every feature may use. Periodic tasks run only in a serving process. */
@Global()
@Module({})
export class PlatformModule {
  static forServe(resources: ServeResources): DynamicModule {
    const { logger, jobs, longestIntervalMs } = resources;
    return platformOf([
      ...providersOf(resources),
      { provide: JobQueue, useValue: jobs },
      { provide: PeriodicTasks, useValue: new PeriodicTasks(logger, longestIntervalMs) },
    ]);
  }

  static forCli(resources: Resources): DynamicModule {
    return platformOf([
      ...providersOf(resources),
      { provide: PeriodicTasks, useValue: new PeriodicTasks(resources.logger) },
    ]);
  }
}

function platformOf(providers: Provider[]): DynamicModule {
  return { module: PlatformModule, providers, exports: exportedBy(providers) };
}
