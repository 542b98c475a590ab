import { Readable } from 'node:stream';
import { isWanImageError, MODELS, type Client, type ModelList } from '@wan-image/core';
import { Controller, Get, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Access } from '../access/access.ts';
import { CurrentCaller, type Caller } from '../access/caller.ts';
import { UPSTREAM_CLIENT } from '../upstream/upstream.ts';
import { AnswersService, type Sent } from './answers.service.ts';
import { DIALECT, type Dialect } from './intake/dialect.ts';
import { toApiError } from './upstream-error.ts';

/** The vendor's own routes, and OpenAI's form of an edit. */
@Controller('v1')
export class GatewayController {
  readonly #answers: AnswersService;
  readonly #client: Client;
  readonly #dialect: Dialect;

  constructor(answers: AnswersService, @Inject(UPSTREAM_CLIENT) client: Client, @Inject(DIALECT) dialect: Dialect) {
    this.#answers = answers;
    this.#client = client;
    this.#dialect = dialect;
  }

  @Post('images/generations')
  @HttpCode(200)
  @Access('generate')
  generate(
    @Req() request: FastifyRequest,
    @CurrentCaller() caller: Caller,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Sent> {
    return this.#sent(request, caller, reply, false);
  }

  /** The same with OpenAI's form, and with at least one picture. */
  @Post('images/edits')
  @HttpCode(200)
  @Access('generate')
  edit(
    @Req() request: FastifyRequest,
    @CurrentCaller() caller: Caller,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Sent> {
    return this.#sent(request, caller, reply, true);
  }

  /** Those models of the upstream that this service can speak with, and the other names for them: clients try their key here. */
  @Get('models')
  @Access('any key')
  async models(): Promise<ModelList> {
    try {
      const { data, ...list } = await this.#client.models();
      const known: readonly string[] = MODELS;
      const offered = data.filter(({ id }) => known.includes(id));
      return { object: 'list', ...list, data: [...offered, ...this.#aliasesOf(offered)] };
    } catch (error) {
      throw isWanImageError(error) ? toApiError(error) : error;
    }
  }

  #aliasesOf(offered: ModelList['data']): ModelList['data'] {
    return [...this.#dialect.modelAliases].flatMap(([alias, model]) => {
      const found = offered.find(({ id }) => id === model);
      return found === undefined ? [] : [{ ...found, id: alias }];
    });
  }

  async #sent(request: FastifyRequest, caller: Caller, reply: FastifyReply, isEdit: boolean): Promise<Sent> {
    const left = new AbortController();
    reply.raw.once('close', () => reply.raw.writableFinished || left.abort());
    const { headers, body } = request;
    const stream = body instanceof Readable ? body : null;
    const {
      sent,
      status,
      headers: own,
    } = await this.#answers.answer(
      { headers, body: stream, isEdit },
      caller,
      left.signal,
      (warning) => void reply.header('warning', warning),
    );
    void reply.status(status).headers(own);
    if (sent instanceof Readable) void reply.type('application/json; charset=utf-8');
    return sent;
  }
}
