import { Module } from '@nestjs/common';
import { LedgerModule } from '../ledger/ledger.module.ts';
import { OrphanReaper } from './orphan-reaper.service.ts';
import { UpstreamSlots } from './upstream-slots.service.ts';
import { UpstreamSlotsRepository } from './upstream-slots.repository.ts';
import { WorkerLeases } from './worker-leases.service.ts';
import { WorkerLeasesRepository } from './worker-leases.repository.ts';

/** Which process works on what: leases, the slots of the upstream, and what dead processes left behind. */
@Module({
  imports: [LedgerModule],
  providers: [OrphanReaper, UpstreamSlots, UpstreamSlotsRepository, WorkerLeases, WorkerLeasesRepository],
  exports: [OrphanReaper, UpstreamSlots, WorkerLeases],
})
export class DispatchModule {}
