import type { ModelList } from '@wan-image/core';
import { Controller, Get } from '@nestjs/common';
import { Access } from '../access/access.ts';
import { ModelsService } from './models.service.ts';

/** Clients try their key here. */
@Controller('v1/models')
export class ModelsController {
  constructor(private readonly models: ModelsService) {}

  @Get()
  @Access('any key')
  list(): Promise<ModelList> {
    return this.models.list();
  }
}
