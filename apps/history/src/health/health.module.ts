import { Module } from '@nestjs/common';
import { DatabaseCheck } from './database-check.repository.ts';
import { HealthController } from './health.controller.ts';

/** Liveness and readiness. */
@Module({ controllers: [HealthController], providers: [DatabaseCheck] })
export class HealthModule {}
