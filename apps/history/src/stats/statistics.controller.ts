import {
  parseStatisticsQuery,
  parseTimelineQuery,
  type Statistics,
  type StatisticsQuery,
  type Timeline,
} from '@wan-image/core';
import { Controller, Get, Query } from '@nestjs/common';
import { CurrentCaller, type Caller } from '../http/caller.ts';
import { contract } from '../http/contract.pipe.ts';
import { Access } from '../http/route-access.ts';
import { StatisticsService } from './statistics.service.ts';

@Controller('v1')
export class StatisticsController {
  constructor(private readonly statistics: StatisticsService) {}

  @Get('stats')
  @Access('read')
  get(
    @Query(contract(parseStatisticsQuery)) query: StatisticsQuery,
    @CurrentCaller() caller: Caller,
  ): Promise<Statistics> {
    return this.statistics.statistics(caller.reads, query);
  }

  @Get('images/timeline')
  @Access('read')
  timeline(
    @Query(contract(parseTimelineQuery)) { tz }: { readonly tz: string },
    @CurrentCaller() caller: Caller,
  ): Promise<Timeline> {
    return this.statistics.timeline(caller.reads, tz);
  }
}
