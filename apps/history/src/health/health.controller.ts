import { Controller, Get, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Access } from '../access/access.ts';
import { DatabaseCheck } from '../database/database-check.ts';
import { IMAGE_STORE, type ImageStore } from '../storage/image-store.ts';

export interface Readiness {
  readonly status: 'ready' | 'not_ready';
  readonly checks: { readonly database: 'ok' | 'failed'; readonly store: 'ok' | 'failed' };
}

@Controller()
export class HealthController {
  readonly #database: DatabaseCheck;
  readonly #store: ImageStore;

  constructor(database: DatabaseCheck, @Inject(IMAGE_STORE) store: ImageStore) {
    this.#database = database;
    this.#store = store;
  }

  /** The process lives. */
  @Get('healthz')
  @Access('public')
  healthz(): { status: 'ok' } {
    return { status: 'ok' };
  }

  /** The service can record a generation and keep its pictures. */
  @Get('readyz')
  @Access('public')
  async readyz(@Res({ passthrough: true }) reply: FastifyReply): Promise<Readiness> {
    const [database, store] = await Promise.all([outcomeOf(this.#database.check()), outcomeOf(this.#store.check())]);
    const ready = database === 'ok' && store === 'ok';
    if (!ready) void reply.status(503);
    return { status: ready ? 'ready' : 'not_ready', checks: { database, store } };
  }
}

function outcomeOf(check: Promise<void>): Promise<'ok' | 'failed'> {
  return check.then(
    () => 'ok',
    () => 'failed',
  );
}
