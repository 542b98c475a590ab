import { Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CurrentCaller, type Caller } from '../http/caller.ts';
import { Access } from '../http/route-access.ts';
import { AdmissionService } from './admission/admission.service.ts';
import { GenerationExchange, type Exchange } from './generation-exchange.service.ts';

/** The upstream's own route, and OpenAI's route for edits. */
@Controller('v1/images')
export class GenerateController {
  constructor(
    private readonly exchange: GenerationExchange,
    private readonly admission: AdmissionService,
  ) {}

  @Post('generations')
  @HttpCode(200)
  @Access('generate')
  generate(@Req() request: FastifyRequest, @CurrentCaller() caller: Caller, @Res() reply: FastifyReply): Promise<void> {
    return this.#respond({ request, caller, reply }, false);
  }

  /** Like `generate`, but requires at least one image. OpenAI clients send it as a form. */
  @Post('edits')
  @HttpCode(200)
  @Access('generate')
  edit(@Req() request: FastifyRequest, @CurrentCaller() caller: Caller, @Res() reply: FastifyReply): Promise<void> {
    return this.#respond({ request, caller, reply }, true);
  }

  #respond(exchange: Exchange, isEdit: boolean): Promise<void> {
    return this.exchange.respond(exchange, {
      event: isEdit ? 'image_edit.completed' : 'image_generation.completed',
      admit: (value, images) => this.admission.admit(value, images, isEdit, exchange.caller),
    });
  }
}
