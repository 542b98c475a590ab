import {
  parseNoQuery,
  parsePurgeQuery,
  parseUpdateImage,
  type SingleImageRecord,
  type UpdateImageRequest,
} from '@wan-image/core';
import { Body, Controller, Delete, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { GenerationsService } from '../generations/generations.service.ts';
import { CurrentCaller, type Caller } from '../http/caller.ts';
import { contract, imageIdOf } from '../http/contract.pipe.ts';
import { Access } from '../http/route-access.ts';
import { LibraryService } from './library.service.ts';

/** Changes of one image after it was generated. */
@Controller('v1/images')
export class LibraryImagesController {
  constructor(
    private readonly library: LibraryService,
    private readonly generations: GenerationsService,
  ) {}

  @Patch(':image_id')
  @Access('manage')
  async update(
    @Param('image_id', imageIdOf('PATCH')) imageId: string,
    @Body(contract(parseUpdateImage)) { favorite }: UpdateImageRequest,
    @Query(contract(parseNoQuery)) _query: object,
    @CurrentCaller() caller: Caller,
  ): Promise<SingleImageRecord> {
    if (favorite !== undefined) await this.library.setFavorite(caller, imageId, favorite);
    return this.generations.getImage(caller, imageId);
  }

  @Delete(':image_id')
  @HttpCode(204)
  @Access('manage')
  async delete(
    @Param('image_id', imageIdOf('DELETE')) imageId: string,
    @Query(contract(parsePurgeQuery)) { purge }: { readonly purge: boolean },
    @CurrentCaller() caller: Caller,
  ): Promise<void> {
    await this.library.deleteImage(caller, imageId, purge);
  }

  @Post(':image_id/restore')
  @HttpCode(200)
  @Access('manage')
  async restore(
    @Param('image_id') imageId: string,
    @Query(contract(parseNoQuery)) _query: object,
    @CurrentCaller() caller: Caller,
  ): Promise<SingleImageRecord> {
    await this.library.restoreImage(caller, imageId);
    return this.generations.getImage(caller, imageId);
  }
}
