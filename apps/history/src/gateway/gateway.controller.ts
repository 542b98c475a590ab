import { isWanImageError, MODELS, type Client, type GenerationReply, type ModelList } from '@wan-image/core';
import { Controller, Get, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Readable } from 'node:stream';
import { UPSTREAM_CLIENT } from '../upstream/upstream.ts';
import { REPLAYED, repetitionOf } from './idempotency.ts';
import { DIALECT, warningOf, type Dialect } from './intake/dialect.ts';
import { IntakeService, type IncomingRequest } from './intake/intake.service.ts';
import { OnceService } from './once.service.ts';
import { toApiError } from './upstream-error.ts';

const MAX_SOURCE_LENGTH = 64;

/** The vendor's own routes. */
@Controller('v1')
export class GatewayController {
  readonly #intake: IntakeService;
  readonly #once: OnceService;
  readonly #client: Client;
  readonly #dialect: Dialect;

  constructor(
    intake: IntakeService,
    once: OnceService,
    @Inject(UPSTREAM_CLIENT) client: Client,
    @Inject(DIALECT) dialect: Dialect,
  ) {
    this.#dialect = dialect;
    this.#intake = intake;
    this.#once = once;
    this.#client = client;
  }

  @Post('images/generations')
  @HttpCode(200)
  generate(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<GenerationReply> {
    return this.#answer(request, reply, false);
  }

  /** The same with OpenAI's form, and with at least one picture. */
  @Post('images/edits')
  @HttpCode(200)
  edit(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<GenerationReply> {
    return this.#answer(request, reply, true);
  }

  /** Those models of the upstream that this service can speak with, and the other names for them. */
  @Get('models')
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

  async #answer(request: FastifyRequest, reply: FastifyReply, isEdit: boolean): Promise<GenerationReply> {
    const repetition = repetitionOf(header(request, 'idempotency-key'), header(request, 'x-stainless-retry-count'));
    const source = header(request, 'x-wan-image-client')?.trim().slice(0, MAX_SOURCE_LENGTH) || 'api';
    const intake = await this.#intake.read({ ...incoming(request), isEdit, isRetry: repetition.isRetry });
    const warning = warningOf(intake.accepted.adapted);
    if (warning !== null) void reply.header('warning', warning);
    const result = await this.#once.generate(intake, source, repetition);
    void reply.header('x-generation-id', result.generationId);
    if (result.isReplay) void reply.header(REPLAYED, 'true');
    return result.body;
  }
}

function header({ headers }: FastifyRequest, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : undefined;
}

function incoming(request: FastifyRequest): Omit<IncomingRequest, 'isEdit' | 'isRetry'> {
  const length = header(request, 'content-length');
  return {
    contentType: header(request, 'content-type') ?? '',
    contentLength: length === undefined ? null : Number(length),
    body: request.body instanceof Readable ? request.body : null,
  };
}
