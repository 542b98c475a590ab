import { parseResolution, type GenerationRecord } from '@wan-image/core';
import { Body, Controller, HttpCode, Param, Post, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Access } from '../access/access.ts';
import { CurrentCaller, type Caller } from '../access/caller.ts';
import { ApiError, brokenRules, notFound } from '../domain/api-error.ts';
import { uuidOf } from '../domain/uuid.ts';
import { GenerationsService } from '../generations/generations.service.ts';
import { WatchService } from '../generations/watch.service.ts';
import { Ledger } from '../ledger/ledger.service.ts';
import { GenerationRunner } from './run/generation-runner.service.ts';

/** How long a cancellation waits for the process that has the generation. */
const CANCEL_LIMIT_MS = 10_000;

/** What a person does to a generation. */
@Controller('v1/generations')
export class ActionsController {
  constructor(
    private readonly generations: GenerationsService,
    private readonly runner: GenerationRunner,
    private readonly ledger: Ledger,
    private readonly watch: WatchService,
  ) {}

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
    await this.runner.cancel(id, caller);
    await this.watch.ended(id, AbortSignal.timeout(CANCEL_LIMIT_MS));
    const record = await this.#find(id, caller);
    if (record.finished_at === null) void reply.status(202);
    else if (record.state !== 'canceled') throw tooLate(record, state);
    return record;
  }

  /** Settles an unknown outcome, once, from the upstream's invoice. */
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
    const id = uuidOf(text);
    if (id === null) throw notFound('This generation');
    const { outcome } = parsed.value;
    const isResolved = await this.ledger.resolve(id, caller, outcome);
    const record = await this.#find(id, caller);
    if (!isResolved && record.outcome !== outcome) throw notUnknown(record);
    return record;
  }

  async #find(text: string, caller: Caller): Promise<GenerationRecord> {
    const id = uuidOf(text);
    const record = id && (await this.generations.get(caller, id));
    if (!record) throw notFound('This generation');
    return record;
  }
}

function tooLate({ state }: GenerationRecord, before: GenerationRecord['state']): ApiError {
  const when = before === state ? 'had already ended' : 'ended first';
  return new ApiError(`The generation ${when}, as ${state}: there is nothing to cancel.`, {
    status: 409,
    type: 'invalid_request_error',
    code: 'already_ended',
  });
}

function notUnknown({ outcome }: GenerationRecord): ApiError {
  const message =
    outcome === null
      ? 'The generation is still in flight: wait for its end, or cancel it.'
      : `The outcome of this generation is ${outcome}, not unknown: there is nothing to resolve.`;
  return new ApiError(message, { status: 409, type: 'invalid_request_error', code: 'nothing_to_resolve' });
}
