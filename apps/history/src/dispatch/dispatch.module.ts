import { Module } from '@nestjs/common';
import { LedgerModule } from '../ledger/ledger.module.ts';
import { OrphanReaper } from './orphan-reaper.service.ts';
import { UpstreamSlots } from './upstream-slots.service.ts';
import { UpstreamSlotsRepository } from './upstream-slots.repository.ts';
import { WorkerLeases } from './worker-leases.service.ts';
import { WorkerLeasesRepository } from './worker-leases.repository.ts';

/** Which process runs which generation: leases, upstream slots, and the orphaned generations of dead processes. */
@Module({
  imports: [LedgerModule],
  providers: [OrphanReaper, UpstreamSlots, UpstreamSlotsRepository, WorkerLeases, WorkerLeasesRepository],
  exports: [OrphanReaper, UpstreamSlots, WorkerLeases],
})
export class DispatchModule {}
