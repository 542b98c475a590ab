import {
  isWanImageError,
  MODELS,
  type Client,
  type GenerationRecord,
  type GenerationReply,
  type ModelList,
} from '@wan-image/core';
import { Body, Controller, Get, Headers, HttpCode, Inject, Post, Res } from '@nestjs/common';
import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { Access } from '../access/access.ts';
import { CurrentCaller, type Caller } from '../access/caller.ts';
import { GenerationsService } from '../generations/generations.service.ts';
import { notFound } from '../http/api-error.ts';
import { UPSTREAM_CLIENT } from '../upstream/upstream.ts';
import { REPLAYED, repetitionOf } from './idempotency.ts';
import { OnceService, type Asked } from './once.service.ts';
import { writeReply } from './write-reply.ts';
import { toApiError } from './upstream-error.ts';

const MAX_SOURCE_LENGTH = 64;

/** For injection: a setting. */
export const CANCELS_ON_DISCONNECT = Symbol('CANCELS_ON_DISCONNECT');

/** The vendor's own routes. */
@Controller('v1')
export class GatewayController {
  readonly #once: OnceService;
  readonly #generations: GenerationsService;
  readonly #client: Client;
  readonly #cancelsOnDisconnect: boolean;

  constructor(
    once: OnceService,
    generations: GenerationsService,
    @Inject(UPSTREAM_CLIENT) client: Client,
    @Inject(CANCELS_ON_DISCONNECT) cancels: boolean,
  ) {
    this.#once = once;
    this.#generations = generations;
    this.#client = client;
    this.#cancelsOnDisconnect = cancels;
  }

  @Post('images/generations')
  @Access('generate')
  @HttpCode(200)
  async generate(
    @Body() body: unknown,
    @Headers('x-wan-image-client') source: string | undefined,
    @Headers('idempotency-key') key: string | undefined,
    @Headers('x-stainless-retry-count') retryCount: string | undefined,
    @Headers('prefer') prefer: string | undefined,
    @CurrentCaller() caller: Caller,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<GenerationReply | GenerationRecord | Readable> {
    const client = source?.trim().slice(0, MAX_SOURCE_LENGTH) || 'api';
    const asked: Asked = { body, source: client, repetition: repetitionOf(key, retryCount), caller };
    if (prefersAsync(prefer)) return this.#leave(asked, reply);
    const result = await this.#once.generate({ ...asked, left: this.#leftBy(reply) });
    void reply.header('x-generation-id', result.answer.generationId);
    void reply.headers(result.rate);
    if (result.isReplay) void reply.header(REPLAYED, 'true');
    const written = await writeReply(result.answer);
    if (written instanceof Readable) void reply.type('application/json; charset=utf-8');
    return written;
  }

  /** RFC 7240: 202 at once, and the record, which tells the rest. */
  async #leave(asked: Asked, reply: FastifyReply): Promise<GenerationRecord> {
    const { id, isReplay, rate } = await this.#once.leave(asked);
    const record = await this.#generations.get(id, asked.caller.projectId);
    if (!record) throw notFound('This generation');
    void reply.status(202).headers({
      location: `/v1/generations/${id}`,
      'preference-applied': 'respond-async',
      'x-generation-id': id,
      ...rate,
      ...(isReplay ? { [REPLAYED]: 'true' } : {}),
    });
    return record;
  }

  /** Aborts when the caller leaves before its answer is whole, where that is to cancel its request. */
  #leftBy({ raw }: FastifyReply): AbortSignal | undefined {
    if (!this.#cancelsOnDisconnect) return undefined;
    const left = new AbortController();
    raw.once('close', () => raw.writableFinished || left.abort());
    return left.signal;
  }

  /** Those models of the upstream that this service can speak with. */
  @Get('models')
  @Access('generate')
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

/** Whether a `Prefer` header asks not to be kept waiting; what else it asks is not for this service. */
function prefersAsync(prefer: string | undefined): boolean {
  return (prefer ?? '')
    .split(',')
    .some((preference) => preference.split(';')[0]?.trim().toLowerCase() === 'respond-async');
}
