import { parseListQuery, type GenerationList, type GenerationRecord } from '@wan-image/core';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { invalidRequest, notFound } from '../http/api-error.ts';
import { generationId } from './generation-id.ts';
import { GenerationsService } from './generations.service.ts';
import { WatchService } from './watch.service.ts';

/** Longest wait for the end of a generation, in seconds: shorter than proxies wait for an answer. */
const LONGEST_WAIT = 60;

@Controller('v1/generations')
export class GenerationsController {
  readonly #generations: GenerationsService;
  readonly #watch: WatchService;

  constructor(generations: GenerationsService, watch: WatchService) {
    this.#generations = generations;
    this.#watch = watch;
  }

  @Get()
  async list(@Query() query: Record<string, unknown>): Promise<GenerationList> {
    const parsed = parseListQuery(query);
    if (!parsed.ok)
      throw invalidRequest(parsed.problems.map(({ message }) => message).join(' '), parsed.problems[0]?.param ?? null);
    return this.#generations.list(parsed.query);
  }

  @Get(':id')
  async get(@Param('id') givenId: string, @Query() query: Record<string, unknown>): Promise<GenerationRecord> {
    const id = generationId(givenId);
    const seconds = waitOf(query);
    const record = await this.#generations.get(id);
    if (!record) throw notFound('This generation');
    if (seconds === 0 || record.finished_at !== null) return record;
    return (await this.#watch.ended(id, AbortSignal.timeout(seconds * 1000))) ?? record;
  }
}

/** Seconds to wait for the end. */
function waitOf({ wait, ...others }: Record<string, unknown>): number {
  const [unknown] = Object.keys(others);
  if (unknown !== undefined)
    throw invalidRequest(`${JSON.stringify(unknown)}: no such query parameter. Known is wait.`, unknown);
  if (wait === undefined) return 0;
  if (typeof wait === 'string' && /^\d{1,2}$/.test(wait) && Number(wait) <= LONGEST_WAIT) return Number(wait);
  throw invalidRequest(`wait must be a whole number of seconds from 0 to ${LONGEST_WAIT}.`, 'wait');
}
