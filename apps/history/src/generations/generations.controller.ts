import { parseListQuery, type GenerationList, type GenerationRecord } from '@wan-image/core';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { Access } from '../access/access.ts';
import { CurrentCaller, type Caller } from '../access/caller.ts';
import { brokenRules, notFound } from '../http/api-error.ts';
import { uuidOf } from '../http/uuid.ts';
import { GenerationsService } from './generations.service.ts';

@Controller('v1/generations')
export class GenerationsController {
  readonly #generations: GenerationsService;

  constructor(generations: GenerationsService) {
    this.#generations = generations;
  }

  @Get()
  @Access('read')
  async list(@Query() query: Record<string, unknown>, @CurrentCaller() caller: Caller): Promise<GenerationList> {
    const parsed = parseListQuery(query);
    if (!parsed.ok) throw brokenRules(parsed.problems);
    return this.#generations.list(parsed.query, caller.projectId);
  }

  @Get(':id')
  @Access('read')
  async get(@Param('id') text: string, @CurrentCaller() caller: Caller): Promise<GenerationRecord> {
    const id = uuidOf(text);
    const record = id && (await this.#generations.get(id, caller.projectId));
    if (!record) throw notFound('This generation');
    return record;
  }
}
