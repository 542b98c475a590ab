import {
  parseNoQuery,
  parseRetention,
  parseRetentionPreview,
  type Retention,
  type RetentionPolicy,
  type RetentionPreview,
} from '@wan-image/core';
import { Body, Controller, Get, HttpCode, Post, Put, Query } from '@nestjs/common';
import { CurrentCaller, type Caller } from '../http/caller.ts';
import { contract } from '../http/contract.pipe.ts';
import { Access } from '../http/route-access.ts';
import { RetentionService } from './retention.service.ts';

@Controller('v1/retention')
export class RetentionController {
  constructor(private readonly retention: RetentionService) {}

  @Get()
  @Access('manage')
  get(@Query(contract(parseNoQuery)) _query: object, @CurrentCaller() caller: Caller): Promise<Retention> {
    return this.retention.get(caller);
  }

  @Put()
  @Access('manage')
  set(
    @Body(contract(parseRetention)) policy: RetentionPolicy,
    @Query(contract(parseNoQuery)) _query: object,
    @CurrentCaller() caller: Caller,
  ): Promise<Retention> {
    return this.retention.set(caller, policy);
  }

  @Post('preview')
  @HttpCode(200)
  @Access('manage')
  preview(
    @Body(contract(parseRetentionPreview)) policy: RetentionPolicy | null,
    @Query(contract(parseNoQuery)) _query: object,
    @CurrentCaller() caller: Caller,
  ): Promise<RetentionPreview> {
    return this.retention.preview(caller, policy);
  }
}
