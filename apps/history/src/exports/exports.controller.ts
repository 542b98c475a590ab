import { parseExport, parseExportQuery, parseNoQuery, type ParsedExport } from '@wan-image/core';
import { Body, Controller, Get, HttpCode, Inject, Post, Query, Res } from '@nestjs/common';
import { create } from 'content-disposition';
import type { FastifyReply } from 'fastify';
import type { Logger } from 'pino';
import { CurrentCaller, type Caller } from '../http/caller.ts';
import { contract } from '../http/contract.pipe.ts';
import { Access } from '../http/route-access.ts';
import { sendChunks } from '../http/send-chunks.ts';
import { LOGGER } from '../telemetry/logger.ts';
import { ExportsService } from './exports.service.ts';

@Controller('v1/exports')
export class ExportsController {
  constructor(
    private readonly exports: ExportsService,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /**
   * For a page: a link to it is saved by the browser while it arrives, which a response to `fetch` is not. It reads up to 1,000 generations from
   * the disk, which no page of another site may start with an `<img>`.
   */
  @Get()
  @Access('read', { ownPagesOnly: true })
  exportSelected(
    @Query(contract(parseExportQuery)) choice: ParsedExport,
    @CurrentCaller() caller: Caller,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.#send(choice, caller, reply);
  }

  @Post()
  @HttpCode(200)
  @Access('read')
  exportGiven(
    @Body(contract(parseExport)) choice: ParsedExport,
    @Query(contract(parseNoQuery)) _query: object,
    @CurrentCaller() caller: Caller,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.#send(choice, caller, reply);
  }

  async #send({ target }: ParsedExport, { reads, scopes }: Caller, reply: FastifyReply): Promise<void> {
    const chunks = await this.exports.zip({ reads, maySeeBin: scopes.has('manage') }, target);
    const name = `wan-image-${new Date().toISOString().slice(0, 10)}.zip`;
    void reply.type('application/zip').header('content-disposition', create(name)).header('cache-control', 'no-store');
    try {
      await sendChunks(reply, chunks, (error) =>
        this.logger.warn({ request_id: reply.request.id, err: error }, 'an export was aborted'),
      );
    } catch (error) {
      // Nothing was sent: the error is no file.
      void reply.removeHeader('content-disposition').removeHeader('content-type');
      throw error;
    }
  }
}
