import { Module } from '@nestjs/common';
import { DispatchModule } from '../dispatch/dispatch.module.ts';
import { BackgroundJobsController } from './background-jobs.controller.ts';
import { BackgroundJobsRepository } from './background-jobs.repository.ts';
import { BackgroundJobs } from './background-jobs.service.ts';

/** Long work, and its progress. */
@Module({
  imports: [DispatchModule],
  controllers: [BackgroundJobsController],
  providers: [BackgroundJobsRepository, BackgroundJobs],
  exports: [BackgroundJobs],
})
export class BackgroundJobsModule {}
