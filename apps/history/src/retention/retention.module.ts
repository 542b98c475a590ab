import { Module } from '@nestjs/common';
import { BackgroundJobsModule } from '../background-jobs/background-jobs.module.ts';
import { LedgerModule } from '../ledger/ledger.module.ts';
import { LibraryModule } from '../library/library.module.ts';
import { RetainedRowsRepository } from './retained-rows.repository.ts';
import { RetentionController } from './retention.controller.ts';
import { RetentionPoliciesRepository } from './retention-policies.repository.ts';
import { RetentionRuns } from './retention-runs.service.ts';
import { RetentionSearch } from './retention-search.service.ts';
import { RetentionSizes } from './retention-sizes.ts';
import { RetentionService } from './retention.service.ts';

/** How long projects keep what was generated. */
@Module({
  imports: [BackgroundJobsModule, LedgerModule, LibraryModule],
  controllers: [RetentionController],
  providers: [
    RetainedRowsRepository,
    RetentionPoliciesRepository,
    RetentionRuns,
    RetentionSearch,
    RetentionService,
    { provide: RetentionSizes, useFactory: () => new RetentionSizes() },
  ],
})
export class RetentionModule {}
