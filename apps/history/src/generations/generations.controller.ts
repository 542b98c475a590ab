import { parseListQuery, parseWaitQuery, type GenerationList, type GenerationRecord } from '@wan-image/core';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { Access } from '../access/access.ts';
import { CurrentCaller, type Caller } from '../access/caller.ts';
import { brokenRules, notFound } from '../http/api-error.ts';
import { uuidOf } from '../http/uuid.ts';
import { GenerationsService } from './generations.service.ts';
import { WatchService } from './watch.service.ts';

@Controller('v1/generations')
export class GenerationsController {
  readonly #generations: GenerationsService;
  readonly #watch: WatchService;

  constructor(generations: GenerationsService, watch: WatchService) {
    this.#generations = generations;
    this.#watch = watch;
  }

  @Get()
  @Access('read')
  async list(@Query() query: Record<string, unknown>, @CurrentCaller() caller: Caller): Promise<GenerationList> {
    const parsed = parseListQuery(query);
    if (!parsed.ok) throw brokenRules(parsed.problems);
    return this.#generations.list(parsed.value, caller.projectId);
  }

  @Get(':id')
  @Access('read')
  async get(
    @Param('id') text: string,
    @Query() query: Record<string, unknown>,
    @CurrentCaller() caller: Caller,
  ): Promise<GenerationRecord> {
    const id = uuidOf(text);
    const parsed = parseWaitQuery(query);
    if (!parsed.ok) throw brokenRules(parsed.problems);
    const seconds = parsed.value.wait;
    const record = id && (await this.#generations.get(id, caller.projectId));
    if (!record) throw notFound('This generation');
    if (seconds === 0 || record.finished_at !== null) return record;
    return (await this.#watch.ended(id, AbortSignal.timeout(seconds * 1000))) ?? record;
  }
}
