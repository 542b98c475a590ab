import {
  parseGenerationListQuery,
  parseNoQuery,
  type FilteredListQuery,
  parseWaitQuery,
  type GenerationRecord,
  type Lineage,
  type WaitQuery,
} from '@wan-image/core';
import { Controller, Get, Inject, Param, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { Logger } from 'pino';
import { Access } from '../http/route-access.ts';
import { CurrentCaller, type Caller } from '../http/caller.ts';
import { contract, idOf } from '../http/contract.pipe.ts';
import { sendChunks } from '../http/send-chunks.ts';
import { LOGGER } from '../telemetry/logger.ts';
import { GenerationsService } from './generations.service.ts';
import { ListsService } from './lists.service.ts';
import { WatchService } from './watch.service.ts';
import { WatcherSlots } from './watcher-slots.ts';

const WHAT = 'This generation';

@Controller('v1/generations')
export class GenerationsController {
  constructor(
    private readonly generations: GenerationsService,
    private readonly lists: ListsService,
    private readonly watch: WatchService,
    private readonly slots: WatcherSlots,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** A page of large records is read while it is sent. */
  @Get()
  @Access('read')
  async list(
    @Query(contract(parseGenerationListQuery)) query: FilteredListQuery,
    @CurrentCaller() caller: Caller,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const page = await this.lists.generations(caller.reads, query);
    if (page.isSmall) return void reply.send(await page.list());
    await sendChunks(reply.type('application/json; charset=utf-8'), page.chunks(), (error) =>
      this.logger.warn({ request_id: reply.request.id, err: error }, 'a list was aborted'),
    );
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
    const record = await this.generations.get(caller.reads, id);
    if (wait === 0 || record.finished_at !== null) return record;
    using _slot = this.slots.take(caller.keyId);
    // A client that has disconnected holds no slot.
    const disconnected = new AbortController();
    reply.raw.once('close', () => disconnected.abort());
    await this.watch.ended(id, AbortSignal.any([AbortSignal.timeout(wait * 1000), disconnected.signal]));
    return this.generations.get(caller.reads, id);
  }

  @Get(':id/lineage')
  @Access('read')
  lineage(
    @Param('id', idOf(WHAT)) id: string,
    @Query(contract(parseNoQuery)) _query: object,
    @CurrentCaller() caller: Caller,
  ): Promise<Lineage> {
    return this.generations.lineage(caller.reads, id);
  }
}
