import type { BackgroundJob, BackgroundJobList } from '@wan-image/core';
import { parseNoQuery } from '@wan-image/core';
import { Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { CurrentCaller, type Caller } from '../http/caller.ts';
import { contract, idOf } from '../http/contract.pipe.ts';
import { Access } from '../http/route-access.ts';
import { BackgroundJobs } from './background-jobs.service.ts';

const WHAT = 'This job';

@Controller('v1/jobs')
export class BackgroundJobsController {
  constructor(private readonly jobs: BackgroundJobs) {}

  @Get()
  @Access('read')
  async list(
    @Query(contract(parseNoQuery)) _query: object,
    @CurrentCaller() caller: Caller,
  ): Promise<BackgroundJobList> {
    return { object: 'list', data: [...(await this.jobs.list(caller.reads))] };
  }

  @Get(':id')
  @Access('read')
  get(
    @Param('id', idOf(WHAT)) id: string,
    @Query(contract(parseNoQuery)) _query: object,
    @CurrentCaller() caller: Caller,
  ): Promise<BackgroundJob> {
    return this.jobs.get(caller.reads, id);
  }

  @Post(':id/cancel')
  @HttpCode(200)
  @Access('manage')
  cancel(
    @Param('id', idOf(WHAT)) id: string,
    @Query(contract(parseNoQuery)) _query: object,
    @CurrentCaller() caller: Caller,
  ): Promise<BackgroundJob> {
    return this.jobs.cancel(caller, id);
  }
}
