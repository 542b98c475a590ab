import type { Readiness } from '@wan-image/core';
import { Injectable } from '@nestjs/common';
import { StorageCheck } from '../storage/storage-check.ts';
import { DatabaseCheck } from './database-check.repository.ts';

/** Readiness of the service. */
@Injectable()
export class HealthService {
  constructor(
    private readonly database: DatabaseCheck,
    private readonly storage: StorageCheck,
  ) {}

  /** Whether the service can record a generation, and store its images even if the store or the spool then fails. */
  async readiness(): Promise<Readiness> {
    const [isDatabaseUp, storage] = await Promise.all([
      this.database.check().then(
        () => true,
        () => false,
      ),
      this.storage.parts(),
    ]);
    const isReady = isDatabaseUp && storage.store && storage.spool;
    const checks = { database: word(isDatabaseUp), store: word(storage.store), spool: word(storage.spool) };
    return { status: isReady ? 'ready' : 'not_ready', checks };
  }
}

function word(works: boolean): 'ok' | 'failed' {
  return works ? 'ok' : 'failed';
}
