import { parseNoQuery, type ServiceInfo } from '@wan-image/core';
import { Controller, Get, Query } from '@nestjs/common';
import { CurrentCaller, type Caller } from '../http/caller.ts';
import { contract } from '../http/contract.pipe.ts';
import { Access } from '../http/route-access.ts';
import { ServiceInfoService } from './service-info.service.ts';

@Controller('v1/service')
export class ServiceController {
  constructor(private readonly info: ServiceInfoService) {}

  @Get()
  @Access('any key')
  get(@Query(contract(parseNoQuery)) _query: object, @CurrentCaller() { scopes }: Caller): Promise<ServiceInfo> {
    return this.info.get(scopes);
  }
}
