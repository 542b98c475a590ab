import { parseListQuery, type GenerationList, type GenerationRecord } from '@wan-image/core';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { invalidRequest, notFound } from '../http/api-error.ts';
import { GenerationsService } from './generations.service.ts';

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

@Controller('v1/generations')
export class GenerationsController {
  readonly #generations: GenerationsService;

  constructor(generations: GenerationsService) {
    this.#generations = generations;
  }

  @Get()
  async list(@Query() query: Record<string, unknown>): Promise<GenerationList> {
    const parsed = parseListQuery(query);
    if (!parsed.ok)
      throw invalidRequest(parsed.problems.map(({ message }) => message).join(' '), parsed.problems[0]?.param ?? null);
    return this.#generations.list(parsed.query);
  }

  @Get(':id')
  async get(@Param('id') id: string): Promise<GenerationRecord> {
    const record = UUID.test(id) ? await this.#generations.get(id.toLowerCase()) : null;
    if (!record) throw notFound('This generation');
    return record;
  }
}
