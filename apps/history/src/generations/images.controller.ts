import {
  parseImageListQuery,
  parseNoQuery,
  type FilteredListQuery,
  type ImageList,
  type SingleImageRecord,
} from '@wan-image/core';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { CurrentCaller, type Caller } from '../http/caller.ts';
import { contract, imageIdOf } from '../http/contract.pipe.ts';
import { Access } from '../http/route-access.ts';
import { GenerationsService } from './generations.service.ts';
import { ListsService } from './lists.service.ts';

/** Records of images. Their bytes are served below `/images`. */
@Controller('v1/images')
export class ImageRecordsController {
  constructor(
    private readonly generations: GenerationsService,
    private readonly lists: ListsService,
  ) {}

  @Get()
  @Access('read')
  list(
    @Query(contract(parseImageListQuery)) query: FilteredListQuery,
    @CurrentCaller() caller: Caller,
  ): Promise<ImageList> {
    return this.lists.images(caller.reads, query);
  }

  @Get(':image_id')
  @Access('read')
  async get(
    @Param('image_id', imageIdOf('GET')) imageId: string,
    @Query(contract(parseNoQuery)) _query: object,
    @CurrentCaller() caller: Caller,
  ): Promise<SingleImageRecord> {
    return this.generations.getImage(caller.reads, imageId);
  }
}
