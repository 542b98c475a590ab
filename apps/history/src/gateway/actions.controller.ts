import { parseResolution, type GenerationRecord } from '@wan-image/core';
import { Body, Controller, HttpCode, Param, Post, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Access } from '../access/access.ts';
import { CurrentCaller, type Caller } from '../access/caller.ts';
import { GenerationsService } from '../generations/generations.service.ts';
import { WatchService } from '../generations/watch.service.ts';
import { WorkService } from '../generations/work.service.ts';
import { ApiError, brokenRules, notFound } from '../http/api-error.ts';
import { uuidOf } from '../http/uuid.ts';
import { GatewayService } from './gateway.service.ts';

/** How long a cancellation waits for the process that has the generation. */
const CANCEL_LIMIT_MS = 10_000;

/** What a person does to a generation. */
@Controller('v1/generations')
export class ActionsController {
  readonly #generations: GenerationsService;
  readonly #gateway: GatewayService;
  readonly #watch: WatchService;
  readonly #work: WorkService;

  constructor(generations: GenerationsService, gateway: GatewayService, watch: WatchService, work: WorkService) {
    this.#generations = generations;
    this.#gateway = gateway;
    this.#watch = watch;
    this.#work = work;
  }

  /** Drops the connection of what is running, so its outcome is unknown; what was not sent yet cost nothing. */
  @Post(':id/cancel')
  @HttpCode(200)
  @Access('generate')
  async cancel(
    @Param('id') text: string,
    @CurrentCaller() caller: Caller,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<GenerationRecord> {
    const { id, state } = await this.#find(text, caller);
    await this.#gateway.cancel(id);
    const record = await this.#watch.ended(id, AbortSignal.timeout(CANCEL_LIMIT_MS));
    if (!record) throw notFound('This generation');
    if (record.finished_at === null) void reply.status(202);
    else if (record.state !== 'canceled') throw tooLate(record, state);
    return record;
  }

  /** Settles an unknown outcome, once: what the bill of the upstream says. */
  @Post(':id/resolve')
  @HttpCode(200)
  @Access('manage')
  async resolve(
    @Param('id') text: string,
    @CurrentCaller() caller: Caller,
    @Body() body: unknown,
  ): Promise<GenerationRecord> {
    const parsed = parseResolution(body);
    if (!parsed.ok) throw brokenRules(parsed.problems);
    const found = await this.#find(text, caller);
    const resolved = await this.#work.resolve(found.id, parsed.value.outcome);
    const record = await this.#find(found.id, caller);
    if (!resolved && record.outcome !== parsed.value.outcome) throw notUnknown(record);
    return record;
  }

  async #find(text: string, { projectId }: Caller): Promise<GenerationRecord> {
    const id = uuidOf(text);
    const record = id && (await this.#generations.get(id, projectId));
    if (!record) throw notFound('This generation');
    return record;
  }
}

function tooLate({ state }: GenerationRecord, before: GenerationRecord['state']): ApiError {
  const when = before === state ? 'had ended before' : 'ended first';
  return new ApiError(`The generation ${when}, as ${state}: there is nothing left to cancel.`, {
    status: 409,
    type: 'invalid_request_error',
    code: 'already_ended',
  });
}

function notUnknown({ outcome }: GenerationRecord): ApiError {
  const message =
    outcome === null
      ? 'The generation is still under way: wait for its end, or cancel it.'
      : `The outcome of this generation is ${outcome}, not unknown: there is nothing to resolve.`;
  return new ApiError(message, { status: 409, type: 'invalid_request_error', code: 'nothing_to_resolve' });
}
