import { Module } from '@nestjs/common';
import { BackgroundJobsModule } from '../background-jobs/background-jobs.module.ts';
import { GenerationsModule } from '../generations/generations.module.ts';
import { IdempotencyModule } from '../idempotency/idempotency.module.ts';
import { LedgerModule } from '../ledger/ledger.module.ts';
import { BulkService } from './bulk.service.ts';
import { BulkController } from './bulk.controller.ts';
import { LibraryController } from './library.controller.ts';
import { LibraryImagesController } from './library-images.controller.ts';
import { LibraryRepository } from './library.repository.ts';
import { LibraryService } from './library.service.ts';
import { ReindexService } from './reindex.service.ts';
import { TagsController } from './tags.controller.ts';

/** What people do with what was generated. */
@Module({
  imports: [BackgroundJobsModule, GenerationsModule, IdempotencyModule, LedgerModule],
  controllers: [BulkController, LibraryController, LibraryImagesController, TagsController],
  providers: [BulkService, LibraryRepository, LibraryService, ReindexService],
  exports: [LibraryService],
})
export class LibraryModule {}
