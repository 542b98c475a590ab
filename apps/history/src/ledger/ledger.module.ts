import { Module } from '@nestjs/common';
import { SpendingModule } from '../spending/spending.module.ts';
import { LedgerRepository } from './ledger.repository.ts';
import { Ledger } from './ledger.service.ts';
import { OutcomeRecorder } from './outcome-recorder.service.ts';

/** All state transitions of generations and their images. */
@Module({
  imports: [SpendingModule],
  providers: [LedgerRepository, Ledger, OutcomeRecorder],
  exports: [LedgerRepository, Ledger, OutcomeRecorder],
})
export class LedgerModule {}
