import { Module } from '@nestjs/common';
import type { Logger } from 'pino';
import { ACCESS_CONFIG, type AccessConfig } from '../config/slices.ts';
import { DatabaseClock } from '../database/database-clock.ts';
import { LinksModule } from '../links/links.module.ts';
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
import { SessionController } from './session.controller.ts';
import { SessionCache } from './session-cache.ts';
import { SessionsRepository } from './sessions.repository.ts';
import { SessionsService } from './sessions.service.ts';

/** Projects, their API keys, and access control. */
@Module({
  imports: [LinksModule, SpendingModule],
  controllers: [ProjectsController, ApiKeysController, SessionController],
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
        sessions: SessionCache,
      ) => new KeyCheck(adminApiKey, keys, clock, repository, sessions),
      inject: [ACCESS_CONFIG, ApiKeyCache, DatabaseClock, AccessRepository, SessionCache],
    },
    RateRepository,
    RateService,
    {
      provide: SessionCache,
      useFactory: (repository: SessionsRepository) => new SessionCache(repository),
      inject: [SessionsRepository],
    },
    SessionsRepository,
    SessionsService,
  ],
  exports: [KeyCheck, RateService],
})
export class AccessModule {}
