import { Controller, Get, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Access } from '../access/access.ts';
import { DatabaseCheck } from './database-check.repository.ts';
import { StorageCheck } from '../storage/storage-check.ts';

export interface Readiness {
  readonly status: 'ready' | 'not_ready';
  /** The upstream is not among them: asking it costs, and nothing here mends it. */
  readonly checks: Readonly<Record<'database' | 'store' | 'spool', 'ok' | 'failed'>>;
}

@Controller()
export class HealthController {
  constructor(
    private readonly database: DatabaseCheck,
    private readonly storage: StorageCheck,
  ) {}

  /** The process lives. */
  @Get('healthz')
  @Access('public')
  healthz(): { status: 'ok' } {
    return { status: 'ok' };
  }

  /** The service can record a generation, and keep its images also where one of the two places fails. */
  @Get('readyz')
  @Access('public')
  async readyz(@Res({ passthrough: true }) reply: FastifyReply): Promise<Readiness> {
    const [database, storage] = await Promise.all([
      this.database.check().then(
        () => true,
        () => false,
      ),
      this.storage.parts(),
    ]);
    const ready = database && storage.store && storage.spool;
    if (!ready) void reply.status(503);
    const checks = { database: word(database), store: word(storage.store), spool: word(storage.spool) };
    return { status: ready ? 'ready' : 'not_ready', checks };
  }
}

function word(works: boolean): 'ok' | 'failed' {
  return works ? 'ok' : 'failed';
}
