import { isWanImageError, MODELS, type Client, type GenerationReply, type ModelList } from '@wan-image/core';
import { Body, Controller, Get, Headers, HttpCode, Inject, Post, Res } from '@nestjs/common';
import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { UPSTREAM_CLIENT } from '../upstream/upstream.ts';
import { REPLAYED, repetitionOf } from './idempotency.ts';
import { OnceService } from './once.service.ts';
import { writeReply } from './write-reply.ts';
import { toApiError } from './upstream-error.ts';

const MAX_SOURCE_LENGTH = 64;

/** The vendor's own routes. */
@Controller('v1')
export class GatewayController {
  readonly #once: OnceService;
  readonly #client: Client;

  constructor(once: OnceService, @Inject(UPSTREAM_CLIENT) client: Client) {
    this.#once = once;
    this.#client = client;
  }

  @Post('images/generations')
  @HttpCode(200)
  async generate(
    @Body() body: unknown,
    @Headers('x-wan-image-client') source: string | undefined,
    @Headers('idempotency-key') key: string | undefined,
    @Headers('x-stainless-retry-count') retryCount: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<GenerationReply | Readable> {
    const client = source?.trim().slice(0, MAX_SOURCE_LENGTH) || 'api';
    const result = await this.#once.generate(body, client, repetitionOf(key, retryCount));
    void reply.header('x-generation-id', result.answer.generationId);
    if (result.isReplay) void reply.header(REPLAYED, 'true');
    const written = await writeReply(result.answer);
    if (written instanceof Readable) void reply.type('application/json; charset=utf-8');
    return written;
  }

  /** Those models of the upstream that this service can speak with. */
  @Get('models')
  async models(): Promise<ModelList> {
    try {
      const { data, ...list } = await this.#client.models();
      const known: readonly string[] = MODELS;
      return { object: 'list', ...list, data: data.filter(({ id }) => known.includes(id)) };
    } catch (error) {
      throw isWanImageError(error) ? toApiError(error) : error;
    }
  }
}
