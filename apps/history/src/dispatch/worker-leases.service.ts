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

/** How many orphaned generations one query returns. */
const BATCH = 100;

/** The lease of this process, which shows other processes that it is alive, and the queued generations that it has or may claim. */
@Injectable()
export class WorkerLeases implements OnModuleInit {
  /** Identifies this process from startup to exit. */
  readonly workerId = uuidv7();

  constructor(
    private readonly repository: WorkerLeasesRepository,
    private readonly ledger: LedgerRepository,
    private readonly tasks: PeriodicTasks,
    private readonly shutdown: ShutdownPhases,
  ) {}

  onModuleInit(): void {
    this.tasks.register('heartbeat', HEARTBEAT_MS, () => this.repository.heartbeat(this.workerId));
    // Lets other processes claim its generations without waiting for the lease.
    this.shutdown.on('release', () => this.repository.delete(this.workerId));
  }

  /** Sends the first heartbeat, and expires processes that are known to be dead without waiting for their leases. */
  async begin(handover: Pick<Handover, 'alone' | 'predecessor' | 'takeOver'>): Promise<void> {
    await this.repository.heartbeat(this.workerId);
    if (handover.alone) await this.repository.deleteOthers(this.workerId);
    else if (handover.predecessor !== null) await this.repository.delete(handover.predecessor);
    // Last: if this process dies before, the next one still finds the predecessor to expire.
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

  /** Whether any process may be using this database. */
  isAnyAlive(): Promise<boolean> {
    return this.repository.isAnySeenWithin(LEASE_MS);
  }
}
