import { Readable } from 'node:stream';
import { isWanImageError, MODELS, type Client, type ModelList } from '@wan-image/core';
import { Controller, Get, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { Access } from '../access/access.ts';
import { CurrentCaller, type Caller } from '../access/caller.ts';
import { sendChunks } from '../http/send-chunks.ts';
import { LOGGER } from '../telemetry/logger.ts';
import { UPSTREAM_CLIENT } from '../upstream/upstream.ts';
import { AnswersService } from './submit/answers.service.ts';
import { DIALECT, type Dialect } from './admission/dialect.ts';
import { toApiError } from './response/upstream-error.ts';

/** The vendor's own routes, and OpenAI's form of an edit. */
@Controller('v1')
export class GatewayController {
  readonly #responses: AnswersService;
  readonly #client: Client;
  readonly #dialect: Dialect;
  readonly #logger: Logger;

  constructor(
    responses: AnswersService,
    @Inject(UPSTREAM_CLIENT) client: Client,
    @Inject(DIALECT) dialect: Dialect,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.#responses = responses;
    this.#client = client;
    this.#dialect = dialect;
    this.#logger = logger;
  }

  @Post('images/generations')
  @HttpCode(200)
  @Access('generate')
  generate(@Req() request: FastifyRequest, @CurrentCaller() caller: Caller, @Res() reply: FastifyReply): Promise<void> {
    return this.#send(request, caller, reply, false);
  }

  /** The same with OpenAI's form, and with at least one image. */
  @Post('images/edits')
  @HttpCode(200)
  @Access('generate')
  edit(@Req() request: FastifyRequest, @CurrentCaller() caller: Caller, @Res() reply: FastifyReply): Promise<void> {
    return this.#send(request, caller, reply, true);
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

  async #send(request: FastifyRequest, caller: Caller, reply: FastifyReply, isEdit: boolean): Promise<void> {
    const { headers, body } = request;
    const stream = body instanceof Readable ? body : null;
    const response = await this.#responses.response(
      { headers, body: stream, isEdit },
      caller,
      whenLeft(request, reply),
      (warning) => void reply.header('warning', warning),
    );
    void reply.status(response.status).headers(response.headers);
    if (!(Symbol.asyncIterator in response.sent)) return void reply.send(response.sent);
    return sendChunks(reply.type('application/json; charset=utf-8'), response.sent, (error) =>
      this.#logger.warn({ request_id: request.id, err: error }, 'an answer broke off'),
    );
  }
}

/** Aborts when the caller leaves before its answer is out. */
function whenLeft({ raw: { socket } }: FastifyRequest, { raw }: FastifyReply): AbortSignal {
  const left = new AbortController();
  const over = (): void => {
    if (!raw.writableFinished) left.abort();
    socket.off('close', over);
    raw.off('close', over);
  };
  // An answer that waits behind another on its connection is not told that this was closed.
  socket.once('close', over);
  raw.once('close', over);
  if (socket.destroyed) over();
  return left.signal;
}
