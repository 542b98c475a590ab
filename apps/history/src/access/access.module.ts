import { Module } from '@nestjs/common';
import type { Logger } from 'pino';
import { ACCESS_CONFIG, type AccessConfig } from '../config/slices.ts';
import { DatabaseClock } from '../database/database-clock.ts';
import { SpendingModule } from '../spending/spending.module.ts';
import { LOGGER } from '../telemetry/logger.ts';
import { AccessRepository } from './access.repository.ts';
import { AccessService } from './access.service.ts';
import { ApiKeyCache } from './api-key-cache.ts';
import { ApiKeysController } from './api-keys.controller.ts';
import { KeyCheck } from './key-check.ts';
import { ProjectsController } from './projects.controller.ts';
import { RateRepository } from './rate.repository.ts';
import { RateService } from './rate.service.ts';

/** Projects, their API keys, and access control. */
@Module({
  imports: [SpendingModule],
  controllers: [ProjectsController, ApiKeysController],
  providers: [
    AccessRepository,
    AccessService,
    {
      provide: ApiKeyCache,
      useFactory: (repository: AccessRepository, logger: Logger, clock: DatabaseClock) =>
        new ApiKeyCache(repository, logger, clock),
      inject: [AccessRepository, LOGGER, DatabaseClock],
    },
    {
      provide: KeyCheck,
      useFactory: (
        { adminApiKey }: AccessConfig,
        keys: ApiKeyCache,
        clock: DatabaseClock,
        repository: AccessRepository,
      ) => new KeyCheck(adminApiKey, keys, clock, repository),
      inject: [ACCESS_CONFIG, ApiKeyCache, DatabaseClock, AccessRepository],
    },
    RateRepository,
    RateService,
  ],
  exports: [KeyCheck, RateService],
})
export class AccessModule {}
