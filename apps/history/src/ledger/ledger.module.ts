import { Module } from '@nestjs/common';
import { SpendingModule } from '../spending/spending.module.ts';
import { BinRepository } from './bin.repository.ts';
import { InputCopiesRepository } from './input-copies.repository.ts';
import { LedgerRepository } from './ledger.repository.ts';
import { Ledger } from './ledger.service.ts';
import { OpenResponsesRepository } from './open-responses.repository.ts';
import { OutboxRepository } from './outbox.repository.ts';
import { OutcomeRecorder } from './outcome-recorder.service.ts';
import { PendingOutputsRepository } from './pending-outputs.repository.ts';
import { PurgeRepository } from './purge.repository.ts';
import { PurgedFilesRepository } from './purged-files.repository.ts';
import { ReindexRepository } from './reindex.repository.ts';

/** All state transitions of generations and their images. */
@Module({
  imports: [SpendingModule],
  providers: [
    LedgerRepository,
    Ledger,
    OpenResponsesRepository,
    OutboxRepository,
    OutcomeRecorder,
    PendingOutputsRepository,
    BinRepository,
    PurgeRepository,
    InputCopiesRepository,
    PurgedFilesRepository,
    ReindexRepository,
  ],
  exports: [
    LedgerRepository,
    Ledger,
    OpenResponsesRepository,
    OutboxRepository,
    OutcomeRecorder,
    PendingOutputsRepository,
    BinRepository,
    PurgeRepository,
    InputCopiesRepository,
    PurgedFilesRepository,
    ReindexRepository,
  ],
})
export class LedgerModule {}
