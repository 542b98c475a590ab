import {
  parseNoQuery,
  parsePurgeQuery,
  parseUpdateGeneration,
  type GenerationRecord,
  type UpdateGenerationRequest,
} from '@wan-image/core';
import { Body, Controller, Delete, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { notFound } from '../domain/api-error.ts';
import { GenerationsService } from '../generations/generations.service.ts';
import { CurrentCaller, type Caller } from '../http/caller.ts';
import { contract, idOf } from '../http/contract.pipe.ts';
import { Access } from '../http/route-access.ts';
import { LibraryService } from './library.service.ts';

const WHAT = 'This generation';

/** Changes of one generation after its end. */
@Controller('v1/generations')
export class LibraryController {
  constructor(
    private readonly library: LibraryService,
    private readonly generations: GenerationsService,
  ) {}

  @Patch(':id')
  @Access('manage')
  async update(
    @Param('id', idOf(WHAT)) id: string,
    @Body(contract(parseUpdateGeneration)) changes: UpdateGenerationRequest,
    @Query(contract(parseNoQuery)) _query: object,
    @CurrentCaller() caller: Caller,
  ): Promise<GenerationRecord> {
    if (!(await this.library.update(caller, id, changes))) throw notFound(WHAT);
    return this.generations.get(caller, id);
  }

  @Delete(':id')
  @HttpCode(204)
  @Access('manage')
  async delete(
    @Param('id', idOf(WHAT)) id: string,
    @Query(contract(parsePurgeQuery)) { purge }: { readonly purge: boolean },
    @CurrentCaller() caller: Caller,
  ): Promise<void> {
    await this.library.deleteGeneration(caller, id, purge);
  }

  @Post(':id/restore')
  @HttpCode(200)
  @Access('manage')
  async restore(
    @Param('id', idOf(WHAT)) id: string,
    @Query(contract(parseNoQuery)) _query: object,
    @CurrentCaller() caller: Caller,
  ): Promise<GenerationRecord> {
    await this.library.restoreGeneration(caller, id);
    return this.generations.get(caller, id);
  }
}
