import { Module } from '@nestjs/common';
import { GenerationsModule } from '../generations/generations.module.ts';
import { SpendingModule } from '../spending/spending.module.ts';
import { DatabaseCheck } from './database-check.repository.ts';
import { HealthController } from './health.controller.ts';
import { ServiceInfoService } from './service-info.service.ts';
import { ServiceController } from './service.controller.ts';
import { HealthService } from './health.service.ts';

/** Liveness, readiness, and what the service is. */
@Module({
  imports: [GenerationsModule, SpendingModule],
  controllers: [HealthController, ServiceController],
  providers: [DatabaseCheck, HealthService, ServiceInfoService],
})
export class HealthModule {}
