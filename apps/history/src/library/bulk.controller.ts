import {
  parseBulk,
  parseNoQuery,
  parseRetryHeaders,
  type BackgroundJob,
  type BulkRequest,
  type BulkResult,
} from '@wan-image/core';
import { Body, Controller, Headers, HttpCode, Post, Query, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { REPLAYED } from '../domain/repetition.ts';
import { CurrentCaller, type Caller } from '../http/caller.ts';
import { contract } from '../http/contract.pipe.ts';
import { Access } from '../http/route-access.ts';
import { RecordedRequests } from '../idempotency/recorded-requests.service.ts';
import { BulkService } from './bulk.service.ts';

const RETRY_HEADERS = contract(parseRetryHeaders);

@Controller('v1/generations')
export class BulkController {
  constructor(
    private readonly bulk: BulkService,
    private readonly requests: RecordedRequests,
  ) {}

  /**
   * Changes the given generations or images at once. Over a filter it is a job: 202, and its record. A repetition with the same
   * `Idempotency-Key` gets the response of the first request.
   */
  @Post('bulk')
  @HttpCode(200)
  @Access('manage')
  async change(
    @Body(contract(parseBulk)) request: BulkRequest,
    @Query(contract(parseNoQuery)) _query: object,
    @CurrentCaller() caller: Caller,
    @Headers() headers: FastifyRequest['headers'],
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<BulkResult | BackgroundJob> {
    const { idempotencyKey } = RETRY_HEADERS.transform(headers, { type: 'custom' });
    await this.bulk.checkComplete(request);
    // It changes nothing, so there is nothing to do twice.
    if (request.dryRun) return this.bulk.matched(caller, request);
    const { response, isReplay } =
      idempotencyKey === null
        ? { response: await this.bulk.change(caller, request), isReplay: false }
        : await this.requests.once(caller, idempotencyKey, request, (transaction) =>
            this.bulk.change(caller, request, transaction),
          );
    if (isReplay) void reply.header(REPLAYED, 'true');
    if (response.object === 'job') void reply.status(202).header('location', `/v1/jobs/${response.id}`);
    return response;
  }
}
