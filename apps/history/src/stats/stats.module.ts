import { Module } from '@nestjs/common';
import { BackgroundJobsModule } from '../background-jobs/background-jobs.module.ts';
import { LedgerModule } from '../ledger/ledger.module.ts';
import { StatisticsController } from './statistics.controller.ts';
import { StatisticsRepository } from './statistics.repository.ts';
import { StatisticsService } from './statistics.service.ts';
import { UsageModule } from './usage.module.ts';

/** Figures of what was generated. */
@Module({
  imports: [BackgroundJobsModule, LedgerModule, UsageModule],
  controllers: [StatisticsController],
  providers: [StatisticsRepository, StatisticsService],
})
export class StatsModule {}
