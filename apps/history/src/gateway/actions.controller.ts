import { parseResolution, type GenerationRecord, type Resolution } from '@wan-image/core';
import { Body, Controller, HttpCode, Param, Post, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Access } from '../http/route-access.ts';
import { CurrentCaller, type Caller } from '../http/caller.ts';
import { ApiError } from '../domain/api-error.ts';
import { contract, idOf } from '../http/contract.pipe.ts';
import { GenerationsService } from '../generations/generations.service.ts';
import { WatchService } from '../generations/watch.service.ts';
import { Ledger } from '../ledger/ledger.service.ts';
import { GenerationRunner } from './run/generation-runner.service.ts';

const WHAT = 'This generation';

/** How long a cancellation waits for the process that runs the generation. */
const CANCEL_LIMIT_MS = 10_000;

/** Manual actions on a generation: cancel and resolve. */
@Controller('v1/generations')
export class ActionsController {
  constructor(
    private readonly generations: GenerationsService,
    private readonly runner: GenerationRunner,
    private readonly ledger: Ledger,
    private readonly watch: WatchService,
  ) {}

  /** Closes the upstream connection of a running generation, so its outcome is unknown. A queued one is not billed. */
  @Post(':id/cancel')
  @HttpCode(200)
  @Access('generate')
  async cancel(
    @Param('id', idOf(WHAT)) id: string,
    @CurrentCaller() caller: Caller,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<GenerationRecord> {
    const { state } = await this.generations.get(caller, id);
    await this.runner.cancel(id, caller);
    await this.watch.ended(id, AbortSignal.timeout(CANCEL_LIMIT_MS));
    const record = await this.generations.get(caller, id);
    if (record.finished_at === null) void reply.status(202);
    else if (record.state !== 'canceled') throw tooLate(record, state);
    return record;
  }

  /** Settles an unknown outcome, once, from the upstream's invoice. */
  @Post(':id/resolve')
  @HttpCode(200)
  @Access('manage')
  async resolve(
    @Param('id', idOf(WHAT)) id: string,
    @CurrentCaller() caller: Caller,
    @Body(contract(parseResolution)) { outcome }: Resolution,
  ): Promise<GenerationRecord> {
    const isResolved = await this.ledger.resolve(id, caller, outcome);
    const record = await this.generations.get(caller, id);
    if (!isResolved && record.outcome !== outcome) throw notUnknown(record);
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
