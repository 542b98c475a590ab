import { Controller, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CurrentCaller, type Caller } from '../http/caller.ts';
import { idOf } from '../http/contract.pipe.ts';
import { Access } from '../http/route-access.ts';
import { RerunService } from './admission/rerun.service.ts';
import { GenerationExchange } from './generation-exchange.service.ts';

/** Makes a generation again, with other values where the body has them. */
@Controller('v1/generations')
export class RerunController {
  constructor(
    private readonly exchange: GenerationExchange,
    private readonly reruns: RerunService,
  ) {}

  @Post(':id/rerun')
  @HttpCode(200)
  @Access('generate')
  rerun(
    @Param('id', idOf('This generation')) id: string,
    @Req() request: FastifyRequest,
    @CurrentCaller() caller: Caller,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.exchange.respond(
      { request, caller, reply },
      {
        event: 'image_generation.completed',
        admit: (value, images) => this.reruns.admit(id, value, images, caller),
      },
    );
  }
}
