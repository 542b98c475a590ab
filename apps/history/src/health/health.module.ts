import { Module } from '@nestjs/common';
import { DatabaseCheck } from './database-check.repository.ts';
import { HealthController } from './health.controller.ts';
import { HealthService } from './health.service.ts';

/** Liveness and readiness. */
@Module({ controllers: [HealthController], providers: [DatabaseCheck, HealthService] })
export class HealthModule {}
