import { Module } from '@nestjs/common';
import { LedgerModule } from '../ledger/ledger.module.ts';
import { ThumbnailRowsModule } from '../thumbnails/thumbnail-rows.module.ts';
import { PurgedFilesService } from './purged-files.service.ts';
import { SweepRepository } from './sweep.repository.ts';
import { SweepService } from './sweep.service.ts';

/** Garbage collection of stored files: repairs the inconsistencies that crashes leave between rows and files. */
@Module({
  imports: [LedgerModule, ThumbnailRowsModule],
  providers: [PurgedFilesService, SweepRepository, SweepService],
  exports: [SweepService],
})
export class SweepModule {}
