import { Module } from '@nestjs/common';
import { SpendingModule } from '../spending/spending.module.ts';
import { BinRepository } from './bin.repository.ts';
import { LedgerRepository } from './ledger.repository.ts';
import { Ledger } from './ledger.service.ts';
import { OpenResponsesRepository } from './open-responses.repository.ts';
import { OutcomeRecorder } from './outcome-recorder.service.ts';
import { PendingOutputsRepository } from './pending-outputs.repository.ts';
import { PurgedFilesRepository } from './purged-files.repository.ts';
import { ReindexRepository } from './reindex.repository.ts';

/** All state transitions of generations and their images. */
@Module({
  imports: [SpendingModule],
  providers: [
    LedgerRepository,
    Ledger,
    OpenResponsesRepository,
    OutcomeRecorder,
    PendingOutputsRepository,
    BinRepository,
    PurgedFilesRepository,
    ReindexRepository,
  ],
  exports: [
    LedgerRepository,
    Ledger,
    OpenResponsesRepository,
    OutcomeRecorder,
    PendingOutputsRepository,
    BinRepository,
    PurgedFilesRepository,
    ReindexRepository,
  ],
})
export class LedgerModule {}
