import { Controller, Get, Headers, Param, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { eventsOf, isOver, isUpToDate, readEventId } from './generation-events.ts';
import { GenerationsService } from './generations.service.ts';
import { Access } from '../http/route-access.ts';
import { CurrentCaller, type Caller } from '../http/caller.ts';
import { idOf } from '../http/contract.pipe.ts';
import { WatchService } from './watch.service.ts';
import { WatcherSlots } from './watcher-slots.ts';

const WHAT = 'This generation';

/** Interval of keep-alive comments, so that no proxy closes an idle connection. */
const SILENCE_MS = 15_000;

/** The events of one generation, as they occur. */
@Controller('v1/generations')
export class GenerationEventsController {
  constructor(
    private readonly generations: GenerationsService,
    private readonly watch: WatchService,
    private readonly slots: WatcherSlots,
  ) {}

  @Get(':id/events')
  @Access('read')
  async events(
    @Param('id', idOf(WHAT)) id: string,
    @CurrentCaller() caller: Caller,
    @Headers('last-event-id') lastEventId: string | undefined,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const record = await this.generations.get(caller.reads, id);
    let cursor = readEventId(lastEventId);
    // 204 tells an EventSource not to reconnect.
    if (isUpToDate(record, cursor)) return void reply.status(204).send();
    using _slot = this.slots.take(caller.keyId);
    const disconnected = new AbortController();
    reply.raw.once('close', () => disconnected.abort());
    reply.hijack();
    const { raw } = reply;
    raw.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
      'x-request-id': request.id,
    });
    // A HEAD response has no body to wait for.
    if (request.method === 'HEAD') return void raw.end();
    raw.write('retry: 1000\n\n');
    // Not to a client that has not read what came before: its connection would never look stalled.
    const silence = setInterval(() => raw.writableLength === 0 && raw.write(': still here\n\n'), SILENCE_MS);
    try {
      for await (const current of this.watch.watch(record.id, disconnected.signal)) {
        const { text: news, cursor: next } = eventsOf(current, cursor);
        cursor = next;
        if (news !== '') raw.write(news);
        if (isOver(current)) break;
      }
    } finally {
      clearInterval(silence);
      raw.end();
    }
  }
}
