import type { Model, ModelList } from '@wan-image/core';
import { Controller, Get, Param } from '@nestjs/common';
import { Access } from '../http/route-access.ts';
import { ModelsService } from './models.service.ts';

/** Clients use this endpoint to check their API key. */
@Controller('v1/models')
export class ModelsController {
  constructor(private readonly models: ModelsService) {}

  @Get()
  @Access('any key')
  list(): Promise<ModelList> {
    return this.models.list();
  }

  @Get(':id')
  @Access('any key')
  get(@Param('id') id: string): Promise<Model> {
    return this.models.get(id);
  }
}
