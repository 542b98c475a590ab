import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { Logger } from 'pino';
import { DatabaseClock } from '../database/database-clock.ts';
import { PeriodicTasks } from '../jobs/periodic-tasks.ts';
import type { StoredError } from '../ledger/generation.entity.ts';
import { INTERRUPTED_CODE, LedgerRepository } from '../ledger/ledger.repository.ts';
import { LOGGER } from '../telemetry/logger.ts';
import { WorkerLeasesRepository } from './worker-leases.repository.ts';
import { LEASE_MS } from './worker-leases.service.ts';

const REAP_INTERVAL_MS = 5_000;

/** How many generations one round ends. */
const BATCH = 100;

const INTERRUPTED: StoredError = {
  type: 'server_error',
  code: INTERRUPTED_CODE,
  message:
    'The service stopped while this generation was running. It may have been billed: check before you try again.',
  param: null,
};

/** Ends orphaned running generations: they were sent, so they may have been billed, and they are never sent again. */
@Injectable()
export class OrphanReaper implements OnModuleInit {
  constructor(
    private readonly leases: WorkerLeasesRepository,
    private readonly ledger: LedgerRepository,
    private readonly tasks: PeriodicTasks,
    private readonly clock: DatabaseClock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onModuleInit(): void {
    this.tasks.register('orphans', REAP_INTERVAL_MS, () => this.reap());
  }

  async reap(): Promise<void> {
    const ids = await this.leases.orphanedRunning(LEASE_MS, BATCH);
    const count = await this.ledger.interrupt(ids, LEASE_MS, INTERRUPTED, this.clock.now());
    if (count > 0) this.logger.warn({ count }, 'generations that were interrupted may have been billed');
    if (ids.length < BATCH) await this.leases.deleteExpired(LEASE_MS);
  }
}
