import { parseBulk, parseNoQuery, type BackgroundJob, type BulkRequest, type BulkResult } from '@wan-image/core';
import { Body, Controller, HttpCode, Post, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { CurrentCaller, type Caller } from '../http/caller.ts';
import { contract } from '../http/contract.pipe.ts';
import { Access } from '../http/route-access.ts';
import { BulkService } from './bulk.service.ts';

@Controller('v1/generations')
export class BulkController {
  constructor(private readonly bulk: BulkService) {}

  /** Changes the given generations or images at once. Over a filter it is a job: 202, and its record. */
  @Post('bulk')
  @HttpCode(200)
  @Access('manage')
  async change(
    @Body(contract(parseBulk)) request: BulkRequest,
    @Query(contract(parseNoQuery)) _query: object,
    @CurrentCaller() caller: Caller,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<BulkResult | BackgroundJob> {
    const result = await this.bulk.change(caller, request);
    if (result.object === 'job') void reply.status(202).header('location', `/v1/jobs/${result.id}`);
    return result;
  }
}
