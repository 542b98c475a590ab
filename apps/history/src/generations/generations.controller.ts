import {
  parseGenerationListQuery,
  parseWaitQuery,
  type GenerationList,
  type GenerationListQuery,
  type GenerationRecord,
  type WaitQuery,
} from '@wan-image/core';
import { Controller, Get, Param, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Access } from '../http/route-access.ts';
import { CurrentCaller, type Caller } from '../http/caller.ts';
import { notFound } from '../domain/api-error.ts';
import { contract, idOf } from '../http/contract.pipe.ts';
import { GenerationsService } from './generations.service.ts';
import { WatchService } from './watch.service.ts';
import { WatcherSlots } from './watcher-slots.ts';

const WHAT = 'This generation';

@Controller('v1/generations')
export class GenerationsController {
  constructor(
    private readonly generations: GenerationsService,
    private readonly watch: WatchService,
    private readonly slots: WatcherSlots,
  ) {}

  @Get()
  @Access('read')
  list(
    @Query(contract(parseGenerationListQuery)) query: GenerationListQuery,
    @CurrentCaller() caller: Caller,
  ): Promise<GenerationList> {
    return this.generations.list(caller.reads, query);
  }

  /** With `wait`, a long poll: returns the record as soon as the generation has ended, or its current state when the wait expires. */
  @Get(':id')
  @Access('read')
  async get(
    @Param('id', idOf(WHAT)) id: string,
    @Query(contract(parseWaitQuery)) { wait }: WaitQuery,
    @CurrentCaller() caller: Caller,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<GenerationRecord> {
    const record = await this.#find(caller, id);
    if (wait === 0 || record.finished_at !== null) return record;
    using _slot = this.slots.take();
    // A client that has disconnected holds no slot.
    const disconnected = new AbortController();
    reply.raw.once('close', () => disconnected.abort());
    await this.watch.ended(id, AbortSignal.any([AbortSignal.timeout(wait * 1000), disconnected.signal]));
    return this.#find(caller, id);
  }

  async #find(caller: Caller, id: string): Promise<GenerationRecord> {
    const record = await this.generations.get(caller.reads, id);
    if (!record) throw notFound(WHAT);
    return record;
  }
}
