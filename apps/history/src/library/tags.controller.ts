import type { TagList } from '@wan-image/core';
import { parseNoQuery } from '@wan-image/core';
import { Controller, Get, Query } from '@nestjs/common';
import { CurrentCaller, type Caller } from '../http/caller.ts';
import { contract } from '../http/contract.pipe.ts';
import { Access } from '../http/route-access.ts';
import { LibraryService } from './library.service.ts';

@Controller('v1/tags')
export class TagsController {
  constructor(private readonly library: LibraryService) {}

  @Get()
  @Access('read')
  async list(@Query(contract(parseNoQuery)) _query: object, @CurrentCaller() caller: Caller): Promise<TagList> {
    return { object: 'list', data: [...(await this.library.tags(caller.reads))] };
  }
}
