import { Injectable, type OnModuleInit } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { PeriodicTasks } from '../jobs/periodic-tasks.ts';
import { ShutdownPhases } from '../jobs/shutdown-phases.ts';
import { LedgerRepository } from '../ledger/ledger.repository.ts';
import type { Handover } from './handover.ts';
import { WorkerLeasesRepository, type Reconciled } from './worker-leases.repository.ts';

/** How long after its last heartbeat a process counts as dead. */
export const LEASE_MS = 30_000;
const HEARTBEAT_MS = 5_000;

/** How many orphaned generations one look finds. */
const BATCH = 100;

/** The lease of this process, by which others know that it lives, and the queued generations that it has or may claim. */
@Injectable()
export class WorkerLeases implements OnModuleInit {
  /** Of this process, from its start to its end. */
  readonly workerId = uuidv7();

  constructor(
    private readonly repository: WorkerLeasesRepository,
    private readonly ledger: LedgerRepository,
    private readonly tasks: PeriodicTasks,
    private readonly shutdown: ShutdownPhases,
  ) {}

  onModuleInit(): void {
    this.tasks.register('heartbeat', HEARTBEAT_MS, () => this.repository.heartbeat(this.workerId));
    // Others need not wait for the lease to claim what this process leaves.
    this.shutdown.on('release', () => this.repository.delete(this.workerId));
  }

  /** Says that this process lives, and expires those that it knows to be dead without waiting for a lease. */
  async begin(handover: Pick<Handover, 'alone' | 'predecessor' | 'takeOver'>): Promise<void> {
    await this.repository.heartbeat(this.workerId);
    if (handover.alone) await this.repository.deleteOthers(this.workerId);
    else if (handover.predecessor !== null) await this.repository.delete(handover.predecessor);
    // After that: should this process die before, the next one still finds which one it has to expire.
    await handover.takeOver(this.workerId);
  }

  orphanedQueued(): Promise<readonly string[]> {
    return this.repository.orphanedQueued(this.workerId, LEASE_MS, BATCH);
  }

  claim(id: string): Promise<boolean> {
    return this.ledger.claim(id, this.workerId, LEASE_MS);
  }

  reconcileQueued(ids: readonly string[]): Promise<readonly Reconciled[]> {
    return this.repository.reconcileQueued(ids, this.workerId);
  }

  cancelRequested(): Promise<readonly string[]> {
    return this.repository.cancelRequested(this.workerId);
  }

  /** Whether any process works on this database, or may. */
  isAnyAlive(): Promise<boolean> {
    return this.repository.isAnySeenWithin(LEASE_MS);
  }
}
